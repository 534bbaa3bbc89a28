// SPDX-License-Identifier: BSL-1.0
#include "lingering_close.hpp"

#include <oizys/timeout.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>

#include <array>
#include <memory>
#include <utility>

namespace asio = boost::asio;

namespace oizys::detail
{
namespace
{

using socket = asio::generic::stream_protocol::socket;
using boost::system::error_code;

/// Owned by its pending operations.
class lingering_close final : public std::enable_shared_from_this<lingering_close>
{
public:
    explicit lingering_close(socket s) : socket_{std::move(s)}, timer_{socket_.get_executor()} {}

    void start(std::chrono::milliseconds most)
    {
        error_code ec; // where the connection has failed, the read tells
        socket_.shutdown(socket::shutdown_send, ec);
        timer_.expires_after(clamp_timeout(most));
        timer_.async_wait([self = shared_from_this()](error_code cancelled) {
            error_code ignored; // the descriptor is gone in any case
            if (!cancelled)
                self->socket_.close(ignored);
        });
        read();
    }

private:
    void read()
    {
        socket_.async_read_some(asio::buffer(room_), [self = shared_from_this()](error_code ec, std::size_t) {
            ec ? static_cast<void>(self->timer_.cancel()) : self->read();
        });
    }

    socket socket_;
    asio::steady_timer timer_;
    std::array<char, 16384> room_;
};

} // namespace

bool needs_lingering(int fd) noexcept
{
    int unacknowledged = 0;
    int family = 0;
    socklen_t size = sizeof family;
    return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 &&
           (family == AF_INET || family == AF_INET6) && ::ioctl(fd, TIOCOUTQ, &unacknowledged) == 0 &&
           unacknowledged > 0;
}

void close_lingering(socket s, std::chrono::milliseconds most)
{
    std::make_shared<lingering_close>(std::move(s))->start(most);
}

} // namespace oizys::detail
