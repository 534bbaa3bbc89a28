// SPDX-License-Identifier: BSL-1.0
//
// Moves the messages of one connection to another one and back. Who does not read makes who writes wait.
#pragma once

#include "conversation.hpp"

#include <oizys/connect.hpp>
#include <oizys/session.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace oizys::cli
{

class relay : public std::enable_shared_from_this<relay>
{
public:
    struct handlers
    {
        std::function<void(direction, std::string_view)> on_message;
        std::function<void(std::string_view why)> on_end; ///< told once, when both connections have ended
    };

    relay(std::shared_ptr<session> client, handlers handlers);

    /// Connects to the server. Until then nothing is read from the client.
    void start(endpoint const& server);

    /// Ends both connections when what is queued was sent.
    void close();

private:
    /// Bytes that wait for one end, from which on nothing is read from the other.
    static constexpr std::size_t enough = 1u << 20;

    session* end_of(direction way) const noexcept;
    void connected(boost::system::error_code ec, std::shared_ptr<session> server);
    void watch(direction from);
    void forward(direction way, incoming& arrived);
    void ended(direction from, boost::system::error_code why);

    std::shared_ptr<session> client_;
    std::shared_ptr<session> server_;
    handlers handlers_;
    std::string why_;
    int open_ = 1;
};

} // namespace oizys::cli
