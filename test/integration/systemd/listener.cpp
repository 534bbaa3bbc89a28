// SPDX-License-Identifier: BSL-1.0
//
// Listeners on what systemd handed over: sockets that listen already, and single connections.
#include "support.hpp"

#include <oizys/error.hpp>
#include <oizys/listener.hpp>
#include <oizys/systemd.hpp>

#include "integration/endpoint/support.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include <filesystem>

using namespace oizys;
using namespace oizys::test;
namespace asio = boost::asio;

namespace
{

constexpr std::string_view hello{"\0\0\0\5hello", 9};
constexpr std::string_view answer{"\0\0\0\6hello!", 10};

std::string message_of(boost::system::error_code ec) { return ec.message(); }

/// Blocking sockets are what systemd hands over.
void make_blocking(unique_fd const& fd)
{
    REQUIRE(::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) & ~O_NONBLOCK) == 0);
}

void say(unique_fd const& to, std::string_view bytes)
{
    REQUIRE(::write(to.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
}

std::string hear(unique_fd const& from)
{
    make_blocking(from);
    char buffer[64];
    auto const n = ::recv(from.get(), buffer, sizeof buffer, 0);
    return n < 0 ? "error" : std::string(buffer, static_cast<std::size_t>(n));
}

/// Accepts one connection and answers one message; says where it listened.
std::string serve_one(endpoint const& where)
{
    asio::io_context io;
    listener server{io.get_executor(), where};
    outcome accepted;
    server.async_accept(accepted.handler());
    if (!run_until(io, [&] { return accepted.calls == 1; }) || accepted.ec)
        return "not accepted: " + accepted.ec.message();
    bool answered = false;
    accepted.session->set_onmessage([&](std::string const& m) {
        accepted.session->send(m + "!");
        answered = true;
    });
    if (!run_until(io, [&] { return answered && accepted.session->queued_bytes() == 0; }))
        return "not answered";
    return server.local_endpoint().to_string();
}

std::string listen_error(endpoint const& where)
{
    asio::io_context io;
    boost::system::error_code ec;
    listener const server{io.get_executor(), where, {}, ec};
    return server.is_open() ? "open" : ec.message();
}

} // namespace

TEST_CASE("a socket that systemd listens on is served, and its file stays")
{
    temp_dir const dir;
    auto const systemd_end = raw_listen(dir.endpoint(), 8);
    make_blocking(systemd_end);
    auto const client = raw_connect(dir.endpoint());
    say(client, hello);
    auto const name = GENERATE(values<char const*>({"systemd:", "systemd:calls"}));
    auto const said = in_child([&] {
        hand_over({systemd_end.get()}, "calls");
        return serve_one(name);
    });
    CHECK(said == dir.endpoint());
    CHECK(hear(client) == answer);
    CHECK(std::filesystem::is_socket(dir.file("socket")));
    CHECK(raw_connect(dir.endpoint())); // the next process will serve it
}

TEST_CASE("the real address is told, of abstract names and of tcp")
{
    auto const where = GENERATE(
        values<std::string>({"unix:@oizys-handed-over-" + std::to_string(::getpid()), "tcp:127.0.0.1:0"}));
    auto const systemd_end = raw_listen(where, 8);
    auto const said = in_child([&] {
        hand_over({systemd_end.get()}, nullptr);
        asio::io_context io;
        return listener{io.get_executor(), "systemd:"}.local_endpoint().to_string();
    });
    if (where.starts_with("tcp"))
        CHECK_THAT(said, Catch::StartsWith("tcp:127.0.0.1:") && !Catch::EndsWith(":0"));
    else
        CHECK(said == where);
}

TEST_CASE("a path that an endpoint must write in another way is told so")
{
    temp_dir const dir;
    auto const where = dir.endpoint("a%3Fb%25");
    auto const systemd_end = raw_listen(where, 8);
    REQUIRE(std::filesystem::is_socket(dir.file("a?b%")));
    auto const said = in_child([&] {
        hand_over({systemd_end.get()}, nullptr);
        asio::io_context io;
        return listener{io.get_executor(), "systemd:"}.local_endpoint().to_string();
    });
    CHECK(said == where);
}

TEST_CASE("a connection that was not accepted waits for the next process")
{
    temp_dir const dir;
    auto const systemd_end = raw_listen(dir.endpoint(), 8);
    auto const client = raw_connect(dir.endpoint());
    say(client, hello);
    auto const open_and_close = [&] {
        hand_over({systemd_end.get()}, "calls");
        asio::io_context io;
        listener server{io.get_executor(), "systemd:calls"};
        server.close();
        return std::string{server.is_open() ? "open" : "closed"};
    };
    CHECK(in_child(open_and_close) == "closed");
    auto const said = in_child([&] {
        hand_over({systemd_end.get()}, "calls");
        return serve_one("systemd:calls");
    });
    CHECK(said == dir.endpoint());
    CHECK(hear(client) == answer);
}

TEST_CASE("several sockets are told apart by their names, and each has one listener")
{
    temp_dir const dir;
    auto const first = raw_listen(dir.endpoint("first"), 8);
    auto const second = raw_listen(dir.endpoint("second"), 8);
    auto const said = in_child([&] {
        hand_over({first.get(), second.get()}, "a:b");
        asio::io_context io;
        std::vector<listener> open;
        auto const address = [&](endpoint const& where) {
            return open.emplace_back(io.get_executor(), where).local_endpoint().to_string();
        };
        return lines({listen_error("systemd:"), address("systemd:b"), listen_error("systemd:b"),
                      address("systemd:"), listen_error("systemd:")});
    });
    auto const none = message_of(errc::no_descriptor);
    CHECK(said == lines({message_of(errc::ambiguous_descriptor), dir.endpoint("second"), none,
                         dir.endpoint("first"), none}));
}

TEST_CASE("what is no stream socket is refused by its kind, and left for who can use it")
{
    temp_dir const dir;
    unique_fd const wrong_kinds[] = {unique_fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)},
                                     unique_fd{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)},
                                     unique_fd{::open(dir.path().c_str(), O_RDONLY | O_CLOEXEC)}};
    auto const said = in_child([&] {
        hand_over({wrong_kinds[0].get(), wrong_kinds[1].get(), wrong_kinds[2].get()}, "a:b:c");
        boost::system::error_code ec;
        auto const refused =
            lines({listen_error("systemd:a"), listen_error("systemd:b"), listen_error("systemd:c")});
        return lines({refused, std::to_string(systemd::descriptors(ec).size())});
    });
    auto const packets = message_of(errc::not_a_stream_socket);
    CHECK(said == lines({lines({packets, packets, message_of(errc::not_a_socket)}), "3"}));
}

TEST_CASE("without systemd, and to connect, the endpoint leads nowhere")
{
    CHECK(in_child([] { return listen_error("systemd:"); }) == message_of(errc::no_descriptor));
}

TEST_CASE("one connection instead of a socket to listen on is accepted once")
{
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    unique_fd const client{ends[0]};
    unique_fd const service{ends[1]};
    say(client, hello);
    auto const said = in_child([&] {
        hand_over({service.get()}, "connection");
        asio::io_context io;
        listener server{io.get_executor(), "systemd:"};
        auto result = server.local_endpoint().to_string() + (server.is_open() ? " open" : " closed");
        outcome first;
        server.async_accept(first.handler());
        if (first.calls != 0 || !run_until(io, [&] { return first.calls == 1; }) || first.ec)
            return "not accepted: " + first.ec.message();
        result += server.is_open() ? " open" : " closed";
        outcome second;
        server.async_accept(second.handler());
        run_until(io, [&] { return second.calls == 1; });
        result += '|' + second.ec.message();
        server.close();
        server.async_accept(second.handler());
        run_until(io, [&] { return second.calls == 2; });
        result += '|' + second.ec.message();

        first.session->set_onmessage([&](std::string const& m) {
            first.session->send(m + "!");
            first.session->close();
        });
        io.restart();
        io.run();
        return result;
    });
    CHECK(said == "systemd: open closed|" + message_of(errc::no_descriptor) + '|' +
                      message_of(asio::error::bad_descriptor));
    CHECK(hear(client) == answer);
}

TEST_CASE("a connection that nobody accepted is closed with its listener")
{
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    unique_fd const client{ends[0]};
    unique_fd const service{ends[1]};
    auto const said = in_child([&] {
        hand_over({service.get()}, "connection");
        asio::io_context io;
        listener{io.get_executor(), "systemd:"}.close();
        return std::string{::fcntl(3, F_GETFD) < 0 ? "closed" : "open"};
    });
    CHECK(said == "closed");
}
