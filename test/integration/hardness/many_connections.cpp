// SPDX-License-Identifier: BSL-1.0
//
// Proves that ten thousand connections are served side by side, and that nothing of them is left when they are gone.
#include "support.hpp"

#include "support/forked.hpp"

#include <sys/socket.h>

#include <malloc.h>

#include <array>
#include <iostream>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;

namespace
{

constexpr std::size_t many = 10000;

/// Connects `many` times, says something on each connection and reads the echo of each; then leaves with all of them
/// when `go` ends. Returns 0 when nothing went wrong.
int connect_many(endpoint const& where)
{
    auto const address = address_of(where);
    std::vector<int> all;
    for (std::size_t i = 0; i < many; ++i)
    {
        int const fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        if (fd < 0 || ::connect(fd, address.data(), address.size) != 0 ||
            ::send(fd, "\0\0\0\2Hi", 6, MSG_NOSIGNAL) != 6)
            return 1;
        all.push_back(fd);
    }
    for (int const fd : all)
    {
        std::array<char, 6> room{};
        if (::recv(fd, room.data(), room.size(), MSG_WAITALL) != 6)
            return 2;
    }
    char byte = 0;
    return static_cast<int>(::read(STDIN_FILENO, &byte, 1));
}

std::size_t allocated()
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return 0; // its own allocator does not tell
#else
    return ::mallinfo2().uordblks;
#endif
}

} // namespace

TEST_CASE("ten thousand connections are served, and leave no descriptor and no memory behind")
{
    if (!can_open(many + 200))
    {
        std::cout << "OIZYS_SKIPPED: the system does not allow " << many
                  << " open sockets\n"; // ctest knows this line
        return;
    }
    temp_dir const dir;
    asio::io_context io;
    echo_server server{io, dir.endpoint()};
    std::size_t after_first = 0;
    for (int round = 0; round < 3; ++round)
    {
        INFO("round " << round);
        auto const descriptors = open_descriptors();
        server.messages = 0;
        server.closes.clear();
        std::array<int, 2> go{};
        REQUIRE(::pipe2(go.data(), O_CLOEXEC) == 0);
        unique_fd const hear{go[0]};
        unique_fd say{go[1]};
        forked clients{hear.get(), STDOUT_FILENO, STDERR_FILENO,
                       [&] { return connect_many(dir.endpoint()); }};
        CHECK(run_until(
            io, [&] { return server.messages == many; }, 60s));
        CHECK(server.sessions() == many);
        CHECK(open_descriptors() >= descriptors + many);
        say = {};
        CHECK(clients.wait() == 0);
        CHECK(run_until(
            io, [&] { return server.closes.size() == many; }, 60s));
        CHECK(server.sessions() == 0);
        CHECK(open_descriptors() == descriptors + 1); // `hear`
        // What the first round left is what the loop keeps for its next sockets.
        if (round == 0)
            after_first = allocated();
        else
            CHECK(allocated() <= after_first + 100000);
    }
}
