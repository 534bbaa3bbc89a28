// SPDX-License-Identifier: BSL-1.0
#include "zstd_file.hpp"

#include "failure.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <new>

namespace oizys::cli
{
namespace
{

[[noreturn]] void fail(std::string const& path, std::string const& why)
{
    throw failure{usage, path + ": " + why};
}

std::FILE* open(std::string const& path, int flags, char const* mode)
{
    int const fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    if (fd < 0)
        fail(path, std::strerror(errno));
    auto* const file = ::fdopen(fd, mode);
    if (file == nullptr)
        throw std::bad_alloc{};
    return file;
}

void free_context(ZSTD_CCtx_s* c) { ZSTD_freeCCtx(c); }
void free_context(ZSTD_DCtx_s* c) { ZSTD_freeDCtx(c); }

} // namespace

zstd_file_writer::zstd_file_writer(std::string const& path)
    : path_{path}
    , file_{open(path, O_WRONLY | O_CREAT | O_TRUNC, "wb")}
    , context_{ZSTD_createCCtx(), free_context}
{
    if (!context_)
        throw std::bad_alloc{};
    room_.resize(ZSTD_CStreamOutSize());
}

zstd_file_writer::~zstd_file_writer() { std::fclose(file_); }

void zstd_file_writer::compress(std::string_view bytes, int how)
{
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    auto const directive = static_cast<ZSTD_EndDirective>(how);
    for (;;)
    {
        ZSTD_outBuffer out{room_.data(), room_.size(), 0};
        auto const left = ZSTD_compressStream2(context_.get(), &out, &in, directive);
        if (ZSTD_isError(left) != 0)
            fail(path_, ZSTD_getErrorName(left));
        if (out.pos > 0 && std::fwrite(room_.data(), 1, out.pos, file_) != out.pos)
            fail(path_, std::strerror(errno));
        if (directive == ZSTD_e_continue ? in.pos == in.size : left == 0)
            break;
    }
    if (directive != ZSTD_e_continue && std::fflush(file_) != 0)
        fail(path_, std::strerror(errno));
}

void zstd_file_writer::write(std::string_view bytes) { compress(bytes, ZSTD_e_continue); }
void zstd_file_writer::flush() { compress({}, ZSTD_e_flush); }
void zstd_file_writer::finish() { compress({}, ZSTD_e_end); }

zstd_file_reader::zstd_file_reader(std::string const& path)
    : path_{path}, file_{open(path, O_RDONLY, "rb")}, context_{ZSTD_createDCtx(), free_context}
{
    if (!context_)
        throw std::bad_alloc{};
    room_.resize(ZSTD_DStreamOutSize());
}

zstd_file_reader::~zstd_file_reader() { std::fclose(file_); }

std::string_view zstd_file_reader::read()
{
    for (;;)
    {
        if (used_ == compressed_.size())
        {
            compressed_.resize(ZSTD_DStreamInSize());
            compressed_.resize(std::fread(compressed_.data(), 1, compressed_.size(), file_));
            used_ = 0;
            if (std::ferror(file_) != 0)
                fail(path_, "cannot be read");
        }
        bool const at_end = compressed_.empty();
        ZSTD_inBuffer in{compressed_.data(), compressed_.size(), used_};
        ZSTD_outBuffer out{room_.data(), room_.size(), 0};
        auto const left = ZSTD_decompressStream(context_.get(), &out, &in);
        if (ZSTD_isError(left) != 0)
            fail(path_, std::string{"not a recording: "} + ZSTD_getErrorName(left));
        used_ = in.pos;
        if (!at_end)
            missing_ = left;
        if (out.pos > 0)
            return {room_.data(), out.pos};
        if (at_end)
            return {};
    }
}

} // namespace oizys::cli
