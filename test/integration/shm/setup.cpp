// SPDX-License-Identifier: BSL-1.0
//
// Proves what the two ends make of a handshake that is not as it should be: each step in turn is done wrong
// by hand, the session ends with an error that says so, and nothing of what came stays open.
#include "shm_test.hpp"

#include "doorbell.hpp"
#include "shm_handover.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/timerfd.h>

#include <cstring>

namespace
{

using namespace oizys::test;
using namespace oizys::detail;
using oizys::errc;
using oizys::unique_fd;

constexpr std::size_t capacity = 4096;
constexpr std::size_t area = 4096 + 2 * capacity;
std::string const hello{"\1shm\1\x0c\0\0", 8};

unique_fd memory(std::size_t size = area, int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
{
    unique_fd fd{::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    REQUIRE(::ftruncate(fd.get(), static_cast<off_t>(size)) == 0);
    REQUIRE(::fcntl(fd.get(), F_ADD_SEALS, seals) == 0);
    return fd;
}

/// An ear or a rope.
unique_fd bell()
{
    error_code ec;
    auto made = make_doorbell(ec);
    REQUIRE(!ec);
    return std::move(made.ear);
}

/// The connecting end, by hand.
class raw_client
{
public:
    explicit raw_client(asio::io_context& io) : sockets_{io}, server{shm_server(std::move(sockets_.server))}
    {
        w.watch(*server);
    }

    void send(std::string_view bytes, std::vector<int> const& fds = {})
    {
        std::vector<char> control(CMSG_SPACE(fds.size() * sizeof(int)));
        iovec vector{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
        msghdr message{};
        message.msg_iov = &vector;
        message.msg_iovlen = 1;
        if (!fds.empty())
        {
            message.msg_control = control.data();
            message.msg_controllen = control.size();
            auto* const header = CMSG_FIRSTHDR(&message);
            header->cmsg_level = SOL_SOCKET;
            header->cmsg_type = SCM_RIGHTS;
            header->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
            std::memcpy(CMSG_DATA(header), fds.data(), fds.size() * sizeof(int));
        }
        REQUIRE(::sendmsg(sockets_.client.native_handle(), &message, 0) ==
                static_cast<ssize_t>(bytes.size()));
    }

    /// Hands over what should be three descriptors; returns what the session made of it.
    error_code outcome(asio::io_context& io, std::string_view bytes, std::vector<int> const& fds)
    {
        send(bytes, fds);
        return outcome(io);
    }

    error_code outcome(asio::io_context& io)
    {
        REQUIRE(run_until(io, [&] { return w.closed() || answered(); }));
        return w.closed() ? w.closes.front() : error_code{};
    }

    bool answered()
    {
        char byte = 0;
        return ::recv(sockets_.client.native_handle(), &byte, 1, MSG_DONTWAIT) == 1 && byte == 1;
    }

    void close() { sockets_.client.close(); }

private:
    socket_pair sockets_;

public:
    std::shared_ptr<oizys::session> server;
    witness w;
};

} // namespace

TEST_CASE("the hello of a shared memory session is these bytes")
{
    auto const bytes = encode_shm_hello(capacity);
    CHECK(std::string{bytes.data(), bytes.size()} == hello);
    CHECK(decode_shm_hello(hello) == capacity);
    CHECK(decode_shm_hello(std::string{"\1shm\1\x18\0\0", 8}) == 16u << 20);
    for (auto const& wrong : {std::string{"\1shm\1\x0b\0\0", 8}, std::string{"\1shm\1\x19\0\0", 8},
                              std::string{"\1shm\1\xff\0\0", 8}, std::string{"\1shm\2\x0c\0\0", 8},
                              std::string{"\1shm\1\x0c\1\0", 8}, std::string{"\1shm\1\x0c\0\1", 8},
                              std::string{"\0shm\1\x0c\0\0", 8}, hello.substr(0, 7), hello + '\0'})
        CHECK(!decode_shm_hello(wrong));
}

TEST_CASE("what is as it should be is accepted, in any pieces")
{
    for (std::size_t cut = 1; cut <= hello.size(); ++cut)
    {
        asio::io_context io;
        raw_client client{io};
        auto const m = memory();
        auto const a = bell();
        auto const b = bell();
        client.send(hello.substr(0, cut), {m.get(), a.get(), b.get()});
        settle(io);
        CHECK(client.answered() == (cut == hello.size()));
        if (cut == hello.size())
            continue;
        client.send(hello.substr(cut));
        CHECK(!client.outcome(io));
    }
}

TEST_CASE("a hello that is none ends the session as soon as that can be seen")
{
    for (std::string const& bytes : {std::string{"\2"}, std::string{"\1shM"}, std::string{"\1shm\2"},
                                     std::string{"\1shm\1\x19\0\0", 8}, std::string{"\0\0\0\2Hi", 6}})
    {
        asio::io_context io;
        raw_client client{io};
        auto const m = memory();
        auto const a = bell();
        auto const b = bell();
        CHECK(client.outcome(io, bytes, {m.get(), a.get(), b.get()}) == errc::bad_shared_memory);
    }
}

TEST_CASE("descriptors of another number or kind are refused, and closed")
{
    asio::io_context io;
    auto const m = memory();
    auto const a = bell();
    auto const b = bell();
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    unique_fd const pipe_out{ends[0]};
    unique_fd const pipe_in{ends[1]};
    unique_fd const file{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    unique_fd const poller{::epoll_create1(EPOLL_CLOEXEC)};
    unique_fd const timer{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)};
    unique_fd const directory{::open("/", O_PATH | O_CLOEXEC)};
    unique_fd const counter{::eventfd(1, EFD_CLOEXEC)};
    unique_fd const other_kind{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    unique_fd const other_type{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    auto const good = m.get();
    raw_client{io}; // the loop has its own descriptors by now
    holdings const before;
    for (auto const& fds : std::vector<std::vector<int>>{
             {},
             {good},
             {good, a.get()},
             {good, a.get(), b.get(), b.get()},
             std::vector<int>(100, good),
             {a.get(), b.get(), good},
             {file.get(), a.get(), b.get()},
             {good, pipe_in.get(), b.get()},
             {good, a.get(), pipe_in.get()},
             {good, a.get(), pipe_out.get()},
             {good, poller.get(), b.get()},
             {good, a.get(), timer.get()},
             {good, a.get(), file.get()},
             {good, a.get(), directory.get()},
             {good, good, good},
             {good, counter.get(), b.get()},
             {good, a.get(), counter.get()},
             {good, other_kind.get(), b.get()},
             {good, a.get(), other_kind.get()},
             {good, other_type.get(), b.get()},
             {good, a.get(), other_type.get()},
         })
    {
        {
            raw_client client{io};
            CHECK(client.outcome(io, hello, fds) == errc::bad_shared_memory);
        }
        settle(io);
        CHECK(holdings{} == before);
    }
}

TEST_CASE("memory that is not sealed, or has another size than it should, is refused")
{
    asio::io_context io;
    auto const a = bell();
    auto const b = bell();
    unique_fd const unsealable{::memfd_create("test", MFD_CLOEXEC)};
    REQUIRE(::ftruncate(unsealable.get(), area) == 0);
    auto const refused = [&](unique_fd const& m) {
        raw_client client{io};
        return client.outcome(io, hello, {m.get(), a.get(), b.get()}) == errc::bad_shared_memory;
    };
    CHECK(refused(unsealable));
    CHECK(refused(memory(area, 0)));
    CHECK(refused(memory(area, F_SEAL_GROW | F_SEAL_SEAL)));
    CHECK(refused(memory(area, F_SEAL_SHRINK | F_SEAL_SEAL)));
    CHECK(refused(memory(area, F_SEAL_SHRINK | F_SEAL_GROW)));
    CHECK(refused(memory(area - 1)));
    CHECK(refused(memory(area + 1)));
    CHECK(refused(memory(0)));
    CHECK(refused(memory(2 * area)));
}

TEST_CASE("rings larger than the accepting end wants are refused, before they are mapped")
{
    asio::io_context io;
    auto const a = bell();
    auto const b = bell();
    auto const outcome = [&](char log2) {
        raw_client client{io};
        auto const m = memory(4096 + (std::size_t{2} << log2));
        return client.outcome(io, std::string{"\1shm\1"} + log2 + std::string(2, '\0'),
                              {m.get(), a.get(), b.get()});
    };
    CHECK(outcome(18) == error_code{}); // 256 KiB, the default
    CHECK(outcome(19) == errc::bad_shared_memory);
    CHECK(outcome(24) == errc::bad_shared_memory);
}

TEST_CASE("memory that cannot be written ends the session with the system's error")
{
    asio::io_context io;
    auto const a = bell();
    auto const b = bell();
    for (bool const sealed : {true, false})
    {
        auto m = sealed ? memory(area, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) : memory();
        if (!sealed)
            m = unique_fd{::open(("/proc/self/fd/" + std::to_string(m.get())).c_str(), O_RDONLY | O_CLOEXEC)};
        raw_client client{io};
        auto const ec = client.outcome(io, hello, {m.get(), a.get(), b.get()});
        CHECK(ec.category() == boost::system::system_category());
        CHECK(ec.failed());
    }
}

TEST_CASE("the memory that a client makes cannot be changed in size by anybody")
{
    error_code ec;
    auto const m = shared_area::create(capacity, ec);
    REQUIRE(!ec);
    CHECK(::ftruncate(m.get(), 0) != 0);
    CHECK(::ftruncate(m.get(), 2 * area) != 0);
    CHECK(::fcntl(m.get(), F_ADD_SEALS, F_SEAL_WRITE) != 0);
    CHECK((::fcntl(m.get(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(shared_area::map(m.get(), capacity, ec));
    CHECK(!shared_area::map(m.get(), 2 * capacity, ec));
    CHECK(ec == errc::bad_shared_memory);
    CHECK(!shared_area::map(m.get(), capacity + 1, ec));
    CHECK(ec == errc::bad_shared_memory);
}

TEST_CASE("received descriptors are close-on-exec")
{
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    unique_fd const from{ends[0]};
    unique_fd const to{ends[1]};
    error_code ec;
    auto const sent = make_shm_offer(capacity, ec);
    send_shm_hello(from.get(), sent, ec);
    REQUIRE(!ec);
    shm_hello_receiver receiver;
    auto const received = receiver.receive(to.get(), ec);
    REQUIRE(received);
    CHECK(received->capacity == capacity);
    for (auto const* fd : {&received->memory, &received->ear, &received->rope})
        CHECK((::fcntl(fd->get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("a client that goes during the handshake is reported as any that goes")
{
    for (std::size_t sent = 0; sent < hello.size(); ++sent)
    {
        asio::io_context io;
        raw_client client{io};
        auto const m = memory();
        if (sent != 0)
            client.send(hello.substr(0, sent), {m.get()});
        settle(io);
        client.close();
        CHECK(client.outcome(io) == asio::error::eof);
    }
}

TEST_CASE("bytes on the socket after the handshake end the session")
{
    asio::io_context io;
    raw_client client{io};
    auto const m = memory();
    auto const a = bell();
    auto const b = bell();
    REQUIRE(!client.outcome(io, hello, {m.get(), a.get(), b.get()}));
    client.send("x");
    CHECK(client.outcome(io) == errc::bad_shared_memory);
}

TEST_CASE("the handshake of the connecting end completes with its outcome")
{
    for (auto const& [answer, expected] :
         {std::pair{"\1", error_code{}}, std::pair{"\2", error_code{errc::bad_shared_memory}},
          std::pair{"", error_code{asio::error::eof}}})
    {
        asio::io_context io;
        socket_pair sockets{io};
        auto const stream = make_shm_client(generic_socket{std::move(sockets.client)}, {});
        std::vector<error_code> outcome;
        stream->async_handshake([&](error_code ec) { outcome.push_back(ec); });
        settle(io);
        CHECK(outcome.empty());
        CHECK(!stream->established());
        REQUIRE(::send(sockets.server.native_handle(), answer, std::strlen(answer), 0) >= 0);
        char received[100];
        CHECK(::recv(sockets.server.native_handle(), received, sizeof received, 0) == 8);
        if (*answer == '\0')
            sockets.server.close();
        REQUIRE(run_until(io, [&] { return !outcome.empty(); }));
        CHECK(outcome == std::vector{expected});
        CHECK(stream->established() == !expected);
    }
}

TEST_CASE("a handshake whose socket is gone fails, and one that is closed is cancelled")
{
    asio::io_context io;
    socket_pair sockets{io};
    sockets.server.close();
    auto const stream = make_shm_client(generic_socket{std::move(sockets.client)}, {});
    error_code outcome;
    stream->async_handshake([&](error_code ec) { outcome = ec; });
    CHECK(!outcome);
    settle(io);
    CHECK(outcome == asio::error::broken_pipe);

    socket_pair others{io};
    auto const closed = make_shm_client(generic_socket{std::move(others.client)}, {});
    closed->async_handshake([&](error_code ec) { outcome = ec; });
    closed->close();
    settle(io);
    CHECK(outcome == asio::error::operation_aborted);
}

TEST_CASE("an end that only writes shakes hands too")
{
    asio::io_context io;
    auto const pair = shm_pair(io);
    witness b;
    b.watch(*pair.b);
    pair.a->send("never set a handler");
    REQUIRE(run_until(io, [&] { return b.messages.size() == 1; }));
}

TEST_CASE("a handshake for which there are not enough descriptors fails, and leaks none")
{
    asio::io_context io;
    {
        socket_pair const warm_up{io}; // the loop has its own descriptors by now
    }
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    int failed = 0;
    for (rlim_t spare = 0; spare < 12; ++spare)
    {
        holdings const before;
        bool answered = false;
        {
            auto const pair = shm_pair(io);
            witness a;
            witness b;
            a.watch_close(*pair.a);
            b.watch_close(*pair.b);
            // The next ones take the lowest numbers that are free: all below the limit, so many and no more.
            auto const highest = static_cast<rlim_t>(unique_fd{::dup(0)}.get());
            auto reduced = limit;
            reduced.rlim_cur = highest + spare;
            REQUIRE(::setrlimit(RLIMIT_NOFILE, &reduced) == 0);
            pair.b->set_onmessage([&](std::string const& message) { pair.b->send(message); });
            pair.a->set_onmessage([&](std::string const&) { answered = true; });
            pair.a->send("Hi");
            bool const ended = run_until(io, [&] { return answered || (a.closed() && b.closed()); });
            REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
            REQUIRE(ended);
            failed += answered ? 0 : 1;
            CHECK((answered || (a.closes.front().failed() && b.closes.front().failed())));
        }
        settle(io);
        CHECK(holdings{} == before);
        CHECK((answered || spare < 10));
    }
    CHECK(failed >= 6); // three at each end
}
