// SPDX-License-Identifier: BSL-1.0
#include "lingering_refusals.hpp"

#include "wire/hello.hpp"

#include <oizys/timeout.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/socket.h>

#include <array>
#include <utility>

namespace asio = boost::asio;

namespace oizys::detail
{

using socket = asio::generic::stream_protocol::socket;
using boost::system::error_code;

class lingering_refusal final : public std::enable_shared_from_this<lingering_refusal>
{
public:
    explicit lingering_refusal(socket s) : socket_{std::move(s)}, timer_{socket_.get_executor()} {}

    void start(std::chrono::milliseconds time)
    {
        timer_.expires_after(clamp_timeout(time));
        timer_.async_wait([self = shared_from_this()](error_code cancelled) {
            if (!cancelled)
                self->close();
        });
        read();
    }

    void close() noexcept
    {
        timer_.cancel();
        error_code ignored; // the descriptor is gone in any case
        socket_.close(ignored);
    }

private:
    void read()
    {
        socket_.async_read_some(
            asio::buffer(hello_) + filled_,
            [self = shared_from_this()](error_code ec, std::size_t n) { self->on_read(ec, n); });
    }

    void on_read(error_code ec, std::size_t n)
    {
        filled_ += n;
        bool const may_be_hello = !ec && hello_.front() == wire::hello_magic;
        if (may_be_hello && filled_ < hello_.size())
            return read();
        if (may_be_hello)
        {
            auto const answer = wire::encode_refusal(wire::refusal::too_many_connections);
            // Nothing was sent before, so there is room; and who has gone already misses nothing.
            ::send(socket_.native_handle(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        }
        close();
    }

    socket socket_;
    asio::steady_timer timer_;
    std::array<char, wire::hello_size> hello_{};
    std::size_t filled_ = 0;
};

void lingering_refusals::add(socket connection)
{
    std::erase_if(pending_, [](auto const& one) { return one.expired(); });
    if (pending_.size() >= most_ || time_ <= std::chrono::milliseconds::zero())
        return;
    auto const one = std::make_shared<lingering_refusal>(std::move(connection));
    pending_.push_back(one);
    one->start(time_);
}

void lingering_refusals::close() noexcept
{
    for (auto const& one : std::exchange(pending_, {}))
    {
        if (auto const alive = one.lock())
            alive->close();
    }
}

} // namespace oizys::detail
