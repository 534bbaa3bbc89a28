// SPDX-License-Identifier: BSL-1.0
//
// Plain bytes and descriptors at one end of a Unix socket; the other end belongs to oizys.
#pragma once

#include "support/run_until.hpp"

#include "ancillary.hpp"
#include "descriptor_queue.hpp"

#include <oizys/unique_fd.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <catch2/catch.hpp>

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace oizys::test
{

class other_end
{
public:
    using local = boost::asio::local::stream_protocol;

    explicit other_end(boost::asio::io_context& io) : io_{io}, socket_{io}, theirs_{io}
    {
        boost::asio::local::connect_pair(socket_, theirs_);
        socket_.non_blocking(true);
    }

    /// Of a connection that was accepted.
    other_end(boost::asio::io_context& io, local::socket socket)
        : io_{io}, socket_{std::move(socket)}, theirs_{io}
    {
        socket_.non_blocking(true);
    }

    /// The end that oizys is to have.
    boost::asio::generic::stream_protocol::socket theirs() { return std::move(theirs_); }

    /// All of it is taken: a socket's buffer is larger than what a page shows.
    void send(std::string bytes, std::vector<unique_fd> const& descriptors = {})
    {
        iovec vector{.iov_base = bytes.data(), .iov_len = bytes.size()};
        msghdr message{};
        message.msg_iov = &vector;
        message.msg_iovlen = 1;
        detail::ancillary_room room;
        if (!descriptors.empty())
            detail::attach(message, descriptors, room);
        auto const sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
        REQUIRE(sent == static_cast<ssize_t>(bytes.size()));
    }
    void end_sending() { socket_.shutdown(local::socket::shutdown_send); }

    void expect(std::string const& wanted)
    {
        run_until(io_, [&] { return receive() >= wanted.size() || closed_; });
        CHECK(received_.substr(0, wanted.size()) == wanted);
        received_.erase(0, wanted.size());
    }

    void expect_end()
    {
        CHECK(run_until(io_, [&] {
            receive();
            return closed_;
        }));
        CHECK(received_ == "");
    }

    /// How many came since this was asked last.
    std::size_t take_descriptors()
    {
        auto const count = descriptors_.size();
        descriptors_.clear();
        return count;
    }

private:
    std::size_t receive()
    {
        std::array<char, 4096> room;
        boost::system::error_code ec;
        while (!ec)
            received_.append(room.data(), detail::receive(socket_.native_handle(), room, descriptors_, ec));
        closed_ = ec != boost::asio::error::would_block;
        return received_.size();
    }

    boost::asio::io_context& io_;
    local::socket socket_;
    local::socket theirs_;
    std::string received_;
    detail::descriptor_queue descriptors_;
    bool closed_ = false;
};

} // namespace oizys::test
