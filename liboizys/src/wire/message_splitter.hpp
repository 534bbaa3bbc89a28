// SPDX-License-Identifier: BSL-1.0
//
// Finds the messages in what a session of framing::message writes to a stream that sends whole messages.
#pragma once

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace oizys::wire
{

class message_splitter
{
public:
    struct step
    {
        bool found = false;                ///< else more bytes are needed, or there is an error
        std::string_view message{};        ///< valid until the next call, and as long as the input
        boost::system::error_code error{}; ///< `message_empty`, `message_too_large`; final
    };

    explicit message_splitter(std::size_t max_message) noexcept : max_message_{max_message} {}

    /// Takes bytes from the front of `input`, up to the end of the first message. One that lies whole in `input`
    /// is not copied.
    step next(std::string_view& input);

    bool between_messages() const noexcept { return header_.empty(); }

private:
    std::size_t max_message_;
    std::string header_;
    std::string message_; ///< as much of it as earlier calls have brought
    std::size_t size_ = 0;
    bool delivered_ = false; ///< `message_` was, and is to be emptied
};

} // namespace oizys::wire
