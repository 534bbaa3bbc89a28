// SPDX-License-Identifier: BSL-1.0
//
// What comes along on a Unix socket besides what was sent: on one that this process was given, somebody may have
// asked the kernel for more.
#include "agreed.hpp"

#include "ancillary.hpp"
#include "descriptor_queue.hpp"

#include <sys/socket.h>

namespace
{

using namespace oizys::test;

constexpr int pass_pidfd = 76; // SO_PASSPIDFD, of Linux 6.5

void turn_on(int socket, int option)
{
    int const on = 1;
    static_cast<void>(::setsockopt(socket, SOL_SOCKET, option, &on, sizeof on)); // where the kernel has it
}

bool is_on(int socket, int option)
{
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(socket, SOL_SOCKET, option, &value, &size) == 0 && value != 0;
}

} // namespace

TEST_CASE(
    "descriptors of the sender's process that the kernel adds are closed, those that were sent are kept")
{
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    oizys::unique_fd const from{ends[0]};
    oizys::unique_fd const to{ends[1]};
    turn_on(to.get(), pass_pidfd);
    auto const file = one_file();
    oizys::detail::descriptor_queue queue;
    auto const before = open_descriptors();
    for (int i = 0; i < 10; ++i)
    {
        char byte = 'x';
        iovec vector{.iov_base = &byte, .iov_len = 1};
        msghdr message{};
        message.msg_iov = &vector;
        message.msg_iovlen = 1;
        oizys::detail::ancillary_room room;
        oizys::detail::attach(message, std::span{file}, room);
        REQUIRE(::sendmsg(from.get(), &message, 0) == 1);
        error_code ec;
        CHECK(oizys::detail::receive(to.get(), {&byte, 1}, queue, ec) == 1);
        CHECK(!ec);
    }
    CHECK(queue.size() == 10);
    CHECK(open_descriptors() == before + 10);
}

TEST_CASE("a socket on which somebody asked for credentials and processes is asked for descriptors only")
{
    asio::io_context io;
    asio::local::stream_protocol::socket first{io};
    asio::local::stream_protocol::socket second{io};
    asio::local::connect_pair(first, second);
    int const socket = second.native_handle();
    for (int const option : {SO_PASSCRED, SO_PASSSEC, pass_pidfd})
        turn_on(socket, option);
    REQUIRE(is_on(socket, SO_PASSCRED));
    opening client;
    client.open(std::move(first), negotiating());
    auto const accepted = session_of(std::move(second), negotiating());
    witness w;
    w.watch(*accepted);
    REQUIRE(run_until(io, [&] { return client.calls != 0 && accepted->negotiated(); }));
    for (int const option : {SO_PASSCRED, SO_PASSSEC, pass_pidfd})
        CHECK(!is_on(socket, option));
    auto const before = open_descriptors();
    for (std::size_t i = 1; i <= 20; ++i)
    {
        client.session->send("Hi");
        REQUIRE(run_until(io, [&] { return w.messages.size() == i; }));
    }
    CHECK(open_descriptors() == before);
}
