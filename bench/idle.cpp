// SPDX-License-Identifier: BSL-1.0
#include "idle.hpp"

#include "unix_socket.hpp"

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <vector>

namespace bench
{
namespace
{

std::string proc(pid_t process, char const* file) { return "/proc/" + std::to_string(process) + '/' + file; }

/// The page tables are walked for this one; the counters in `statm` lag behind.
double resident_bytes(pid_t process)
{
    std::ifstream rollup{proc(process, "smaps_rollup")};
    for (std::string word; rollup >> word;)
    {
        double kilobytes = 0;
        if (word == "Rss:" && rollup >> kilobytes)
            return kilobytes * 1024;
    }
    throw std::runtime_error{"cannot read how much memory the server takes"};
}

void wait_until_accepted(pid_t server, std::size_t connections)
{
    namespace fs = std::filesystem;
    auto const open = [&] {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator{proc(server, "fd")}, {}));
    };
    while (open() < connections)
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    std::this_thread::sleep_for(std::chrono::milliseconds{100}); // it still makes something of the last one
}

void connect_until(std::vector<unique_fd>& sockets, plan const& p, pid_t server, std::size_t connections)
{
    while (sockets.size() < connections)
        sockets.push_back(connect_to(p.path));
    wait_until_accepted(server, connections);
}

void call_once(unique_fd const& socket, std::string const& request)
{
    std::array<char, 4096> answer;
    write_all(socket, request);
    if (read_some(socket, answer) == 0)
        throw std::runtime_error{"the server did not answer"};
}

} // namespace

void run_idle(plan const& p, meter& m, std::string const& request)
{
    // What the server takes once, whatever the number of connections, is not counted.
    constexpr std::size_t first_connections = 8;
    std::vector<unique_fd> sockets;
    connect_until(sockets, p, m.server(), first_connections);
    for (auto const& socket : sockets)
        call_once(socket, request);

    auto const before = resident_bytes(m.server());
    connect_until(sockets, p, m.server(), first_connections + p.connections);
    auto const connected = resident_bytes(m.server());
    for (std::size_t i = first_connections; i < sockets.size(); ++i)
        call_once(sockets[i], request);
    auto const used = resident_bytes(m.server());

    auto const count = static_cast<double>(p.connections);
    m.set_idle((connected - before) / count, (used - before) / count);
}

} // namespace bench
