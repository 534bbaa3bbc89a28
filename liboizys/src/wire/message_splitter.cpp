// SPDX-License-Identifier: BSL-1.0
#include "wire/message_splitter.hpp"

#include <oizys/error.hpp>

#include "wire/message_header.hpp"

#include <span>
#include <utility>

namespace oizys::wire
{

namespace
{

constexpr std::size_t kept_message = 65536; ///< bytes; the memory of a longer one is given back

std::string_view take(std::string_view& from, std::size_t size)
{
    auto const part = from.substr(0, size);
    from.remove_prefix(part.size());
    return part;
}

} // namespace

message_splitter::step message_splitter::next(std::string_view& input)
{
    if (std::exchange(delivered_, false))
    {
        if (message_.capacity() > kept_message)
            std::string{}.swap(message_);
        message_.clear();
    }
    if (header_.size() < message_header_size)
    {
        header_.append(take(input, message_header_size - header_.size()));
        if (header_.size() < message_header_size)
            return {};
        auto const size = decode_message_header(std::span{header_}.first<message_header_size>());
        if (size == 0)
            return {.error = errc::message_empty};
        if (size > max_message_)
            return {.error = errc::message_too_large};
        size_ = static_cast<std::size_t>(size);
    }
    auto const part = take(input, size_ - message_.size());
    bool const whole = part.size() == size_;
    if (!whole)
        message_.append(part);
    if (!whole && message_.size() < size_)
        return {};
    header_.clear();
    delivered_ = true;
    return {.found = true, .message = whole ? part : std::string_view{message_}};
}

} // namespace oizys::wire
