// SPDX-License-Identifier: BSL-1.0
//
// Proves that a thousand sessions live side by side on one loop: each gets its own answers, and closing
// every second one leaves the others alone.
#include "support/forked.hpp"
#include "transports.hpp"

#include <sys/resource.h>

#include <iostream>
#include <type_traits>

namespace
{

using namespace oizys::test;

// A thousand pairs take more descriptors than a shell may allow at first.
bool can_open(rlim_t descriptors)
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < descriptors && (limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= descriptors))
    {
        limit.rlim_cur = descriptors;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur >= descriptors;
}

template <class Transport>
std::size_t descriptors_of_pair()
{
    asio::io_context io;
    auto const first = Transport::make(io); // and what is made once
    auto const before = open_descriptors();
    auto const second = Transport::make(io);
    return open_descriptors() - before;
}

} // namespace

TEMPLATE_LIST_TEST_CASE("a thousand sessions echo, and half of them go on after the others closed", "",
                        wide_transports)
{
    // A child process takes more memory than a session, above all with a sanitizer.
    constexpr std::size_t count = std::is_same_v<TestType, over_exec> ? 50 : 1000;
    if (!can_open(descriptors_of_pair<TestType>() * count + 100))
    {
        // ctest knows this line (cmake/testing.cmake).
        std::cout << "OIZYS_SKIPPED: the system does not allow so many open descriptors\n";
        return;
    }
    asio::io_context io;
    struct client
    {
        session_pair pair;
        witness a;
        std::vector<error_code> closed_b;
    };
    std::vector<client> clients(count);
    std::size_t echoes = 0;
    for (auto& c : clients)
    {
        c.pair = TestType::make(io);
        c.pair.b->set_onmessage([&c](std::string const& message) { c.pair.b->send(message); });
        c.pair.b->set_onclose([&c](error_code why) { c.closed_b.push_back(why); });
        c.a.watch_close(*c.pair.a);
        c.pair.a->set_onmessage([&c, &echoes](std::string const& message) {
            c.a.messages.push_back(message);
            ++echoes;
        });
    }
    for (std::size_t i = 0; i < count; ++i)
        clients[i].pair.a->send(std::to_string(i));
    REQUIRE(run_until(io, [&] { return echoes == count; }));

    std::size_t closed = 0;
    for (std::size_t i = 0; i < count; i += 2)
        clients[i].pair.a->close();
    REQUIRE(run_until(io, [&] {
        closed = 0;
        for (auto const& c : clients)
            closed += c.closed_b.size() + c.a.closes.size();
        return closed == count;
    }));
    for (std::size_t i = 1; i < count; i += 2)
        clients[i].pair.a->send("again " + std::to_string(i));
    REQUIRE(run_until(io, [&] { return echoes == count + count / 2; }));

    for (std::size_t i = 0; i < count; ++i)
    {
        auto const name = std::to_string(i);
        REQUIRE(clients[i].a.messages == (i % 2 == 0 ? texts{name} : texts{name, "again " + name}));
        REQUIRE(clients[i].a.closes.size() == (i % 2 == 0 ? 1 : 0));
    }
}
