// SPDX-License-Identifier: BSL-1.0
//
// Proves that a thousand clients which ask and never read cost an rpc::server a bounded amount of memory, and that
// another client is served meanwhile.
#include "support.hpp"

#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/server.hpp>

#include <sys/socket.h>

#include <fstream>
#include <iostream>
#include <string>
#include <vector>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;

namespace
{

constexpr std::size_t many = 1000;
constexpr std::size_t answer = 20000; ///< bytes

/// Bytes of memory that this process alone has in use.
std::size_t resident()
{
    std::ifstream in{"/proc/self/status"};
    std::size_t kib = 0;
    for (std::string word; in >> word;)
    {
        if (word == "RssAnon:")
            in >> kib;
    }
    return kib * 1024;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true; // memory is used for much else
#else
constexpr bool is_sanitized = false;
#endif

/// Sends the same bytes again and again, as long as somebody takes them.
struct flooder
{
    std::size_t send(std::string_view bytes)
    {
        std::size_t taken = 0;
        for (ssize_t n; (n = ::send(socket.get(), bytes.data() + at, bytes.size() - at,
                                    MSG_DONTWAIT | MSG_NOSIGNAL)) > 0;)
        {
            taken += static_cast<std::size_t>(n);
            at = (at + static_cast<std::size_t>(n)) % bytes.size();
        }
        return taken;
    }

    unique_fd socket;
    std::size_t at = 0;
};

} // namespace

TEST_CASE("a thousand clients that flood an rpc server and never read cost a bounded amount of memory")
{
    if (!can_open(2 * many + 200))
    {
        std::cout << "OIZYS_SKIPPED: the system does not allow " << 2 * many
                  << " open sockets\n"; // ctest knows this line
        return;
    }
    temp_dir const dir;
    asio::io_context io;
    std::size_t asked = 0;
    rpc::service service;
    service.method("long", [&](std::string_view) {
        ++asked;
        return std::string(answer, 'x');
    });
    service.method("add", [](int a, int b) { return a + b; });
    rpc::server_options options;
    options.listener.session.write_timeout = 10min; // which would end them, sooner or later
    rpc::server server{io.get_executor(), service, options};
    server.listen(dir.endpoint());
    auto const before = resident();

    std::string requests;
    for (int i = 0; i < 100; ++i)
        requests +=
            R"({"jsonrpc":"2.0","method":"long","params":[")" + std::string(2000, 'q') + R"("],"id":1})";
    std::vector<flooder> flood;
    for (std::size_t i = 0; i < many; ++i)
    {
        flood.push_back({raw_connect(dir.endpoint())});
        REQUIRE(flood.back().socket);
    }
    rpc::peer good;
    bool connected = false;
    rpc::async_connect(io.get_executor(), dir.endpoint(), [&](error_code ec, rpc::peer p) {
        REQUIRE(!ec);
        good = std::move(p);
        connected = true;
    });
    REQUIRE(run_until(io, [&] { return connected; }));

    // Until nobody takes anything more: each of them has sent all that it could, and the server answers no more.
    std::size_t good_answers = 0;
    std::size_t taken = 1;
    for (std::size_t last_asked = 1; taken != 0 || last_asked != asked;)
    {
        last_asked = asked;
        taken = 0;
        for (auto& f : flood)
            taken += f.send(requests);
        io.restart();
        io.poll();
        std::size_t sum = 0;
        good.async_call<int>("add", std::tuple{2, 3}, [&](error_code, rpc::outcome<int> result) {
            sum = result.has_value() ? static_cast<std::size_t>(*result) : 0;
        });
        REQUIRE(run_until(
            io, [&] { return sum != 0; }, 60s));
        CHECK(sum == 5);
        ++good_answers;
    }
    CHECK(good_answers > 1);

    auto const limit = rpc::server_options{}.listener.session.pause_reading_above;
    std::size_t held_back = 0;
    std::size_t queued = 0;
    for (auto& p : server.peers())
    {
        queued += p.session().queued_bytes();
        held_back += p.session().queued_bytes() > limit / 2;
        CHECK(p.session().queued_bytes() <= limit + answer + 100);
    }
    CHECK(held_back == many); // they are all still there, and made to wait
    CHECK(queued <= many * (limit + answer + 100));
    // The queue's strings may have room for as much again, and something was read that is not answered yet.
    constexpr std::size_t one_read = 131072;
    if (!is_sanitized)
        CHECK(resident() - before <= many * (2 * (limit + answer) + one_read));

    flood.clear();
    CHECK(run_until(
        io, [&] { return server.peers().size() == 1; }, 60s));
}
