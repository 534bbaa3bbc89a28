// SPDX-License-Identifier: BSL-1.0
//
// A server that ends when nobody uses it loses nobody while somebody else holds its socket: a connection is
// answered, or it is left in the queue as it came. Here the test is who holds the socket and starts the server.
#include "support.hpp"

#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>

#include "integration/endpoint/support.hpp"
#include "support/temp_dir.hpp"

#include <boost/asio/io_context.hpp>

#include <poll.h>

#include <chrono>
#include <random>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;

namespace
{

/// Serves on the socket that was handed over until nobody uses it.
void serve(
    int listening, std::chrono::milliseconds idle_exit, std::function<void()> const& before = [] {})
{
    hand_over({listening}, "calls");
    boost::asio::io_context io{1};
    rpc::service calculator;
    calculator.method("add", [](int a, int b) { return a + b; });
    rpc::server_options options;
    options.idle_exit = idle_exit;
    rpc::server server{io.get_executor(), calculator, options};
    server.listen("systemd:calls");
    before();
    io.run();
}

constexpr std::string_view call{R"({"jsonrpc":"2.0","method":"add","params":[2,3],"id":7})"};
constexpr std::string_view answer{"{\"jsonrpc\":\"2.0\",\"result\":5,\"id\":7}\n"};

void pause(std::chrono::microseconds time)
{
    ::timespec const wait{.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds{time}.count()};
    ::ppoll(nullptr, 0, &wait, nullptr);
}

/// What comes until the other end closes, or as much as was expected.
std::string receive(unique_fd const& from, std::size_t expected, std::chrono::milliseconds timeout)
{
    std::string result;
    while (result.size() < expected)
    {
        ::pollfd wanted{.fd = from.get(), .events = POLLIN, .revents = 0};
        char buffer[256];
        if (::poll(&wanted, 1, static_cast<int>(timeout.count())) != 1)
            return result + "(timed out)";
        auto const n = ::recv(from.get(), buffer, sizeof buffer, 0);
        if (n <= 0)
            return result + (n == 0 ? "(closed)" : "(lost)");
        result.append(buffer, static_cast<std::size_t>(n));
    }
    return result;
}

std::string call_once(endpoint const& where)
{
    auto const client = raw_connect(where);
    if (!client)
        return "(not connected)";
    if (::send(client.get(), call.data(), call.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(call.size()))
        return "(not sent)";
    return receive(client, answer.size(), 20s);
}

} // namespace

TEST_CASE("who waits in the queue when the time is up is answered, or left there as it came")
{
    temp_dir const dir;
    auto const systemd_end = raw_listen(dir.endpoint(), 8);
    std::optional<unique_fd> client;
    auto const said = in_child([&] {
        std::string result;
        serve(systemd_end.get(), 2ms, [&] {
            client = raw_connect(dir.endpoint());
            if (::send(client->get(), call.data(), call.size(), 0) < 0)
                result = "not sent";
            pause(4ms); // the loop finds both at once: the connection and that the time is up
            // What is received before the server ends keeps it; then it ends because this end closes.
            ::shutdown(client->get(), SHUT_WR);
        });
        unique_fd const left{::accept4(systemd_end.get(), nullptr, nullptr, SOCK_CLOEXEC)};
        auto const& who = left ? left : *client;
        return result + receive(who, left ? call.size() : answer.size(), 0ms);
    });
    CHECK((said == call || said == answer));
}

TEST_CASE("a server of one connection ends when that connection does")
{
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    unique_fd const client{ends[0]};
    std::optional<unique_fd> service{ends[1]};
    REQUIRE(::send(client.get(), call.data(), call.size(), 0) == static_cast<ssize_t>(call.size()));
    ::shutdown(client.get(), SHUT_WR);
    CHECK(in_child([&] {
              serve(service->get(), 0ms); // returns although it was not told to end when it is idle
              return std::string{"ended"};
          }) == "ended");
    service.reset();
    CHECK(receive(client, answer.size() + 1, 20s) == std::string{answer} + "(closed)");
}

TEST_CASE("under fire, with a server that ends whenever it can, every call is answered")
{
    temp_dir const dir;
    auto const systemd_end = raw_listen(dir.endpoint(), 64);
    constexpr int calls = 400;

    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    unique_fd const from_client{ends[0]};
    std::optional<unique_fd> to_parent{ends[1]};
    auto const client = ::fork();
    if (client == 0)
    {
        // Pauses on both sides of the time after which the server ends.
        std::mt19937 random{1};
        std::string failure;
        for (int i = 0; i < calls && failure.empty(); ++i)
        {
            if (auto const heard = call_once(dir.endpoint()); heard != answer)
                failure = "call " + std::to_string(i) + ": " + heard;
            pause(std::chrono::microseconds{500 + random() % 1000});
        }
        auto const written = ::write(to_parent->get(), failure.data(), failure.size());
        ::_exit(written == static_cast<ssize_t>(failure.size()) ? 0 : 1);
    }
    to_parent.reset();

    int servers = 0;
    for (;;)
    {
        ::pollfd events[] = {{.fd = systemd_end.get(), .events = POLLIN, .revents = 0},
                             {.fd = from_client.get(), .events = POLLIN, .revents = 0}};
        REQUIRE(::poll(events, 2, 30000) > 0);
        if (events[1].revents != 0)
            break;
        ++servers;
        in_child([&] {
            serve(systemd_end.get(), 1ms);
            return std::string{};
        });
    }
    std::string failure(256, '\0');
    failure.resize(static_cast<std::size_t>(::read(from_client.get(), failure.data(), failure.size())));
    int status = 0;
    REQUIRE(::waitpid(client, &status, 0) == client);
    CHECK(failure == "");
    CHECK(servers > 1); // or nothing was tried
}
