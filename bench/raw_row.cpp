// SPDX-License-Identifier: BSL-1.0
//
// The limits of a socket: the same bytes as a session exchanges, moved with blocking system calls by two
// processes that know beforehand what will come.
#include "row.hpp"
#include "tcp_socket.hpp"
#include "unix_socket.hpp"

#include <sys/epoll.h>
#include <sys/uio.h>

#include <array>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench
{
namespace
{

constexpr std::size_t buffer_size = 65536; // bytes; takes 1,000 small frames
constexpr std::size_t frames_per_writev = 64;

/// Sockets of one kind.
struct sockets
{
    unique_fd (*listen)(std::string const& path);
    unique_fd (*accept)(unique_fd const& listener);
    unique_fd (*connect)(std::string const& path);
};

constexpr sockets unix_sockets{listen_at, accept_from, connect_to};
constexpr sockets tcp_sockets{tcp_listen_at, tcp_accept_from, tcp_connect_to};

std::string repeated(std::string const& text, std::size_t times)
{
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

std::string small_frame(plan const& p) { return frame(std::string(p.payload, 'x')); }

// --- one connection, small messages: whatever is there is written back

void serve_echo(unique_fd const& socket)
{
    std::vector<char> buffer(buffer_size);
    while (auto const n = read_some(socket, buffer))
        write_all(socket, {buffer.data(), n});
}

void run_echo(plan const& p, meter& m, unique_fd const& socket)
{
    auto const batch = repeated(small_frame(p), p.outstanding);
    std::vector<char> answer(batch.size());
    auto const exchange = [&](std::size_t calls) {
        for (std::size_t done = 0; done < calls; done += p.outstanding)
        {
            auto const begin = meter::clock::now();
            write_all(socket, batch);
            read_all(socket, answer);
            m.sample(meter::clock::now() - begin);
        }
    };
    exchange(p.warm_up);
    m.start();
    exchange(p.count);
    m.stop();
}

// --- large messages, received whole before they are written back

void serve_large(unique_fd const& socket, plan const& p)
{
    raise_buffers(socket);
    std::vector<char> message(p.payload + 4);
    while (auto const n = read_some(socket, message))
    {
        read_all(socket, std::span{message}.subspan(n));
        write_all(socket, {message.data(), message.size()});
    }
}

void run_large(plan const& p, meter& m, unique_fd const& socket)
{
    raise_buffers(socket);
    auto message = small_frame(p);
    for (std::size_t i = 0; i < p.warm_up + p.count; ++i)
    {
        if (i == p.warm_up)
            m.start();
        auto const begin = meter::clock::now();
        write_all(socket, message);
        read_all(socket, message);
        m.sample(meter::clock::now() - begin);
    }
    m.stop();
}

// --- one-way messages; one byte answers each part of the flood

void serve_oneway(unique_fd const& socket, plan const& p)
{
    std::vector<char> buffer(buffer_size);
    for (auto const messages : {p.warm_up, p.count})
    {
        auto rest = messages * (p.payload + 4);
        while (rest != 0)
        {
            auto const n = read_some(socket, buffer);
            if (n == 0 || n > rest)
                throw std::runtime_error{"the flood does not have the announced size"};
            rest -= n;
        }
        write_all(socket, "!");
    }
}

void writev_all(unique_fd const& socket, std::array<iovec, frames_per_writev> const& frames,
                std::string const& all)
{
    auto const written = ::writev(socket.get(), frames.data(), static_cast<int>(frames.size()));
    if (written < 0)
        throw std::runtime_error{"writev failed"};
    write_all(socket, std::string_view{all}.substr(static_cast<std::size_t>(written)));
}

void run_oneway(plan const& p, meter& m, unique_fd const& socket)
{
    auto all = repeated(small_frame(p), frames_per_writev);
    std::array<iovec, frames_per_writev> frames{};
    for (std::size_t i = 0; i < frames.size(); ++i)
        frames[i] = {all.data() + i * (p.payload + 4), p.payload + 4};
    auto const flood = [&](std::size_t messages) {
        for (std::size_t sent = 0; sent < messages; sent += frames_per_writev)
            writev_all(socket, frames, all);
        char answer[1];
        read_all(socket, answer);
    };
    flood(p.warm_up);
    m.start();
    flood(p.count);
    m.stop();
}

// --- many connections

void serve_many(unique_fd const& listener, plan const& p)
{
    unique_fd const poller{::epoll_create1(EPOLL_CLOEXEC)};
    std::vector<unique_fd> sockets;
    for (std::size_t i = 0; i < p.connections; ++i)
    {
        auto& socket = sockets.emplace_back(accept_from(listener));
        epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
        ::epoll_ctl(poller.get(), EPOLL_CTL_ADD, socket.get(), &event);
    }
    std::vector<char> buffer(buffer_size);
    std::array<epoll_event, 128> events{};
    while (true)
    {
        auto const ready = ::epoll_wait(poller.get(), events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < ready; ++i)
        {
            auto const& socket = sockets[events[static_cast<std::size_t>(i)].data.u64];
            auto const n = read_some(socket, buffer);
            if (n == 0)
                return;
            write_all(socket, {buffer.data(), n});
        }
    }
}

void run_many(plan const& p, meter& m)
{
    std::vector<unique_fd> sockets;
    for (std::size_t i = 0; i < p.connections; ++i)
        sockets.push_back(connect_to(p.path));
    auto const message = small_frame(p);
    std::vector<char> answer(message.size());
    auto const turns = [&](std::size_t calls) {
        for (std::size_t done = 0; done < calls; done += p.outstanding)
        {
            auto const begin = meter::clock::now();
            for (std::size_t i = 0; i < p.outstanding; ++i)
                write_all(sockets[i % sockets.size()], message);
            for (std::size_t i = 0; i < p.outstanding; ++i)
                read_all(sockets[i % sockets.size()], answer);
            m.sample(meter::clock::now() - begin);
        }
    };
    turns(p.warm_up);
    m.start();
    turns(p.count);
    m.stop();
}

void serve(plan const& p, sockets const& kind)
{
    auto const listener = kind.listen(p.path);
    if (p.connections > 1)
        return serve_many(listener, p);
    auto const socket = kind.accept(listener);
    switch (p.shape)
    {
    case pattern::window:
    case pattern::burst: return serve_echo(socket);
    case pattern::large: return serve_large(socket, p);
    case pattern::oneway: return serve_oneway(socket, p);
    case pattern::idle: return;
    }
}

void run(plan const& p, meter& m, sockets const& kind)
{
    if (p.connections > 1)
        return run_many(p, m);
    auto const socket = kind.connect(p.path);
    switch (p.shape)
    {
    case pattern::window:
    case pattern::burst: return run_echo(p, m, socket);
    case pattern::large: return run_large(p, m, socket);
    case pattern::oneway: return run_oneway(p, m, socket);
    case pattern::idle: return;
    }
}

} // namespace

row const raw_row{
    .name = "raw",
    .limit = "raw",
    .supports = [](plan const& p) { return p.shape != pattern::idle && p.holds == contents::any; },
    .serve = [](plan const& p) { serve(p, unix_sockets); },
    .run = [](plan const& p, meter& m) { run(p, m, unix_sockets); },
};

row const raw_tcp_row{
    .name = "raw-tcp",
    .limit = "raw-tcp",
    .supports = [](plan const& p) { return p.connections == 1; },
    .serve = [](plan const& p) { serve(p, tcp_sockets); },
    .run = [](plan const& p, meter& m) { run(p, m, tcp_sockets); },
};

} // namespace bench
