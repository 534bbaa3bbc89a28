// SPDX-License-Identifier: BSL-1.0
//
// Files that are compressed with zstd on the way, as `zstd` makes and reads them.
#pragma once

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace oizys::cli
{

class zstd_file_writer
{
public:
    /// Makes the file, for this user alone; replaces one that is there.
    /// @throws failure  (usage)
    explicit zstd_file_writer(std::string const& path);
    zstd_file_writer(zstd_file_writer const&) = delete;
    zstd_file_writer& operator=(zstd_file_writer const&) = delete;
    ~zstd_file_writer(); ///< without finish() the file lacks its end, which readers will notice

    /// @throws failure  (usage) when the disk is full, for example
    void write(std::string_view bytes);
    /// Whatever happens afterwards, what was written can be read.
    void flush();
    void finish();

private:
    void compress(std::string_view bytes, int how);

    std::string path_;
    std::FILE* file_;
    std::unique_ptr<ZSTD_CCtx_s, void (*)(ZSTD_CCtx_s*)> context_;
    std::string room_;
};

class zstd_file_reader
{
public:
    /// @throws failure  (usage)
    explicit zstd_file_reader(std::string const& path);
    zstd_file_reader(zstd_file_reader const&) = delete;
    zstd_file_reader& operator=(zstd_file_reader const&) = delete;
    ~zstd_file_reader();

    /// The next bytes, valid until the next read; none at the end.
    /// @throws failure  (usage) if the file is not what zstd makes
    std::string_view read();

    /// At the end: whether the file ends before what was compressed into it does.
    bool was_cut_off() const noexcept { return missing_ != 0; }

private:
    std::string path_;
    std::FILE* file_;
    std::unique_ptr<ZSTD_DCtx_s, void (*)(ZSTD_DCtx_s*)> context_;
    std::string compressed_;
    std::size_t used_ = 0;
    std::size_t missing_ = 0; ///< of a frame that was begun; as zstd estimates it
    std::string room_;
};

} // namespace oizys::cli
