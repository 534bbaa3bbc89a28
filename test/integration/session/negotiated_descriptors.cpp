// SPDX-License-Identifier: BSL-1.0
//
// Proves that descriptors stay with their messages over a real socket, that their number is bounded, and that those
// that nobody takes are closed.
#include "agreed.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cstring>

using namespace oizys::test;
using namespace std::string_literals;
using oizys::errc;
using oizys::unique_fd;

namespace
{

std::string content_of(unique_fd const& fd)
{
    std::string text(100, '\0');
    auto const n = ::pread(fd.get(), text.data(), text.size(), 0);
    text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return text;
}

} // namespace

TEST_CASE("descriptors arrive with their message, however many messages one read brings")
{
    asio::io_context io;
    agreed_pair pair{io};
    auto const before = open_descriptors();
    error_code ec;
    for (int i = 0; i < 50; ++i)
    {
        std::vector<unique_fd> with;
        for (int k = 0; k < i % 3; ++k)
            with.push_back(file_with(std::to_string(i) + "." + std::to_string(k)));
        pair.connected->send(std::to_string(i), std::move(with), ec);
        REQUIRE(!ec);
    }
    REQUIRE(run_until(io, [&] { return pair.at_accepted.messages.size() == 50; }));
    std::size_t total = 0;
    for (std::size_t i = 0; i < 50; ++i)
    {
        CHECK(pair.at_accepted.messages[i] == std::to_string(i));
        REQUIRE(pair.descriptors[i].size() == i % 3);
        total += i % 3;
        for (std::size_t k = 0; k < i % 3; ++k)
        {
            CHECK(content_of(pair.descriptors[i][k]) == std::to_string(i) + "." + std::to_string(k));
            CHECK((::fcntl(pair.descriptors[i][k].get(), F_GETFD) & FD_CLOEXEC) != 0);
        }
    }
    CHECK(open_descriptors() == before + total); // the sender's are closed
    pair.descriptors.clear();
    CHECK(open_descriptors() == before);
}

TEST_CASE("descriptors that are refused, or that nobody takes, are closed")
{
    asio::io_context io;
    agreed_pair pair{io};
    auto const before = open_descriptors();
    error_code ec;
    auto const some = [](std::size_t n) {
        std::vector<unique_fd> d;
        for (std::size_t i = 0; i < n; ++i)
            d.push_back(file_with("x"));
        return d;
    };
    pair.connected->send("too many", some(17), ec);
    CHECK(ec == errc::bad_descriptors);
    pair.connected->send("", some(1), ec);
    CHECK(ec == errc::message_empty);
    CHECK(open_descriptors() == before);

    pair.accepted->send("nobody takes them", some(16), ec); // at_connected takes the text only
    CHECK(!ec);
    REQUIRE(run_until(io, [&] { return !pair.at_connected.messages.empty(); }));
    CHECK(open_descriptors() == before);

    auto const plain = over_sockets::make(io);
    auto const with_plain = open_descriptors();
    plain.a->send("x", some(1), ec);
    CHECK(ec == errc::descriptors_unsupported);
    CHECK(open_descriptors() == with_plain);
}

TEST_CASE("a session that ends closes the descriptors that are queued or half received")
{
    asio::io_context io;
    over_sockets::make(io); // the loop has what it needs now
    auto const before = open_descriptors();
    {
        agreed_pair pair{io};
        pair.accepted->pause_reading();
        error_code ec;
        for (int i = 0; i < 40; ++i)
        {
            std::vector<unique_fd> d;
            d.push_back(file_with("x"));
            pair.connected->send(std::string(100000, 'x'), std::move(d), ec);
        }
        settle(io);
        pair.connected->abort();
        pair.accepted->abort();
        settle(io);
    }
    settle(io);
    CHECK(open_descriptors() == before);
}

TEST_CASE("descriptors that were not announced are bounded")
{
    asio::io_context io;
    asio::local::stream_protocol::socket socket{io};
    raw_end other{io};
    auto options = negotiating();
    options.negotiation.max_queued_descriptors = 8;
    options.negotiation.max_descriptors = 8;
    auto const s = other.connect(io, options);
    witness w;
    w.watch(*s);
    other.send(introduction);
    REQUIRE(run_until(io, [&] { return s->negotiated().has_value(); }));
    auto const before = open_descriptors();
    for (int i = 0; i < 9; ++i)
    {
        auto const fd = file_with("x");
        int const number = fd.get();
        alignas(cmsghdr) char room[CMSG_SPACE(sizeof number)] = {};
        char byte[] = "\0\0\0\1x";
        iovec vector{.iov_base = byte, .iov_len = 5};
        msghdr message{};
        message.msg_iov = &vector;
        message.msg_iovlen = 1;
        message.msg_control = room;
        message.msg_controllen = sizeof room;
        auto* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof number);
        std::memcpy(CMSG_DATA(header), &number, sizeof number);
        REQUIRE(::sendmsg(other.socket().native_handle(), &message, 0) == 5);
    }
    REQUIRE(run_until(io, [&] { return w.closed_with(errc::bad_descriptors); }));
    settle(io);
    CHECK(w.messages.size() == 8);
    CHECK(open_descriptors() == before - 1); // all of theirs are closed, and the socket
}
