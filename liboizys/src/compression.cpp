// SPDX-License-Identifier: BSL-1.0
#include "compression.hpp"

#include <oizys/error.hpp>

#include "wire/receive_buffer.hpp"
#include "wire/spare_memory.hpp"

#include <zstd.h>

#include <algorithm>
#include <utility>

namespace oizys::detail
{

std::optional<std::string> compress(std::string_view message, int level)
{
    // No room for more than is worth sending: zstd gives up as soon as it does not suffice.
    auto const most = message.size() - message.size() / 8;
    auto frame = wire::spare_memory::take(most);
    frame.resize(most);
    auto const size = ::ZSTD_compress(frame.data(), frame.size(), message.data(), message.size(),
                                      std::clamp(level, ::ZSTD_minCLevel(), ::ZSTD_maxCLevel()));
    if (::ZSTD_isError(size) != 0)
    {
        wire::spare_memory::give(std::move(frame));
        return std::nullopt;
    }
    frame.resize(size);
    return frame;
}

std::string decompress(std::string_view frame, std::size_t max_size, boost::system::error_code& ec)
{
    auto const said = ::ZSTD_getFrameContentSize(frame.data(), frame.size());
    // One frame and nothing behind it: more frames would add to what the first one says.
    bool const known = said != ZSTD_CONTENTSIZE_UNKNOWN && said != ZSTD_CONTENTSIZE_ERROR && said != 0 &&
                       ::ZSTD_findFrameCompressedSize(frame.data(), frame.size()) == frame.size();
    if (!known)
        ec = errc::bad_payload;
    else if (said > max_size)
        ec = errc::message_too_large;
    if (ec)
        return {};

    auto message = wire::spare_memory::take(said + wire::receive_buffer::padding);
    message.resize(said);
    if (::ZSTD_decompress(message.data(), message.size(), frame.data(), frame.size()) != said)
    {
        ec = errc::bad_payload;
        return {};
    }
    return message;
}

} // namespace oizys::detail
