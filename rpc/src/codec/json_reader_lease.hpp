// SPDX-License-Identifier: BSL-1.0
//
// Lends a JSON reader for the time of one message. Each thread keeps a few of them, so that reading takes
// no memory once warm and ten thousand idle connections own none.
#pragma once

#include "codec/json_reader.hpp"

#include <memory>

namespace oizys::rpc
{

/// Owns a reader until the end of the scope, and must end on the thread where it began. A lease within a
/// lease gets another reader. A reader that has grown beyond `largest_kept` is not kept.
class json_reader_lease
{
public:
    explicit json_reader_lease(codec_limits limits = {});
    ~json_reader_lease();
    json_reader_lease(json_reader_lease const&) = delete;
    json_reader_lease& operator=(json_reader_lease const&) = delete;

    json_reader& operator*() const noexcept { return *reader_; }
    json_reader* operator->() const noexcept { return reader_.get(); }

    static constexpr std::size_t largest_kept = std::size_t{1} << 20; ///< bytes of text
    static constexpr std::size_t most_kept = 4;                       ///< readers per thread

private:
    std::unique_ptr<json_reader> reader_;
};

} // namespace oizys::rpc
