// SPDX-License-Identifier: BSL-1.0
//
// What a session makes of a write that fails: because the other end reads no more, because the kernel has no room
// for now, or for any other reason.
#include "agreed.hpp"

#include "stream_session.hpp"

#include <boost/asio/post.hpp>

#include <sys/resource.h>
#include <sys/wait.h>

#include "ancillary.hpp"

#include <algorithm>
#include <functional>
#include <optional>

namespace
{

using namespace oizys::test;
using namespace std::string_literals;
using oizys::errc;
using oizys::detail::read_handler;
using oizys::detail::wait_handler;

/// Nothing ever comes, and every write fails.
class broken_stream final : public oizys::detail::stream
{
public:
    broken_stream(asio::io_context& io, error_code why) : io_{io}, why_{why} {}
    ~broken_stream() override { close(); }

    void async_read(std::span<char>, read_handler handler) override { on_read_.emplace(std::move(handler)); }
    std::size_t try_write(std::span<std::string_view const>, error_code& ec) override
    {
        ec = why_;
        return 0;
    }
    void async_wait_writable(wait_handler handler) override
    {
        asio::post(io_, [handler = std::move(handler)]() mutable { handler({}); });
    }
    void cancel_read() override { close(); }
    void close() override
    {
        if (!on_read_)
            return;
        asio::post(
            io_, [handler = std::move(*on_read_)]() mutable { handler(asio::error::operation_aborted, 0); });
        on_read_.reset();
    }
    asio::any_io_executor get_executor() const noexcept override { return io_.get_executor(); }

private:
    asio::io_context& io_;
    error_code why_;
    std::optional<read_handler> on_read_;
};

/// So many descriptors leave in one message, and wait to be received.
void leave_under_way(int socket, std::size_t count)
{
    std::vector<int> const fds(count, socket);
    char byte = 'x';
    iovec vector{.iov_base = &byte, .iov_len = 1};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    oizys::detail::ancillary_room room;
    oizys::detail::attach(message, std::span{fds}, room);
    if (::sendmsg(socket, &message, 0) != 1)
        ::_exit(10);
}

/// Runs `body` in a process of its own, as a user for whom limits hold; returns its result.
int as_ordinary_user(std::function<int()> const& body)
{
    auto const pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0)
    {
        ::alarm(60);
        rlimit const few{.rlim_cur = 100, .rlim_max = 100};
        constexpr uid_t of_nobody_else = 54321;
        if (::setrlimit(RLIMIT_NOFILE, &few) != 0 || (::getuid() == 0 && ::setuid(of_nobody_else) != 0))
            ::_exit(11);
        ::_exit(body());
    }
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

TEST_CASE("what waits is not lost while too many descriptors of this user are under way to others")
{
    CHECK(as_ordinary_user([] {
              asio::io_context io;
              int slow[2];
              if (::socketpair(AF_UNIX, SOCK_STREAM, 0, slow) != 0)
                  return 1;
              asio::local::stream_protocol::socket first{io};
              asio::local::stream_protocol::socket second{io};
              asio::local::connect_pair(first, second);
              opening client;
              client.open(std::move(first), negotiating());
              auto const accepted = session_of(std::move(second), negotiating());
              std::size_t received = 0;
              accepted->set_onreceive([&](oizys::incoming& m) { received += m.take_descriptors().size(); });
              if (!run_until(io, [&] { return client.calls != 0; }) || client.ec)
                  return 2;
              leave_under_way(slow[0], 150); // the limit is looked at before that
              error_code ec;
              std::vector<oizys::unique_fd> file;
              file.emplace_back(::dup(0));
              client.session->send("with a file", std::move(file), ec);
              settle(io);
              settle(io);
              if (ec || received != 0 || client.session->queued_messages() != 1)
                  return 3;
              if (!client.session->is_open() || client.session->counters().messages_dropped != 0)
                  return 4;
              ::close(slow[1]); // who does not read has gone
              return run_until(io, [&] { return received == 1; }) ? 0 : 5;
          }) == 0);
}

TEST_CASE("async_drain tells that what was sent has been dropped")
{
    asio::io_context io;
    raw_end other{io};
    auto const s = other.connect(io);
    witness w;
    w.watch(*s);
    other.socket().shutdown(asio::socket_base::shutdown_receive);
    s->send("lost");
    settle(io);
    REQUIRE(!s->is_open());
    CHECK(s->counters().messages_dropped == 1);
    error_code drained;
    s->async_drain([&](error_code ec) { drained = ec; });
    settle(io);
    CHECK(drained == asio::error::broken_pipe);
    CHECK(s->queued_bytes() == 0);
    other.send(framed("still received"));
    REQUIRE(run_until(io, [&] { return w.messages.size() == 1; }));
    other.close();
    REQUIRE(run_until(io, [&] { return w.closed(); }));
    CHECK(w.closed_with(asio::error::broken_pipe));
    drained = {};
    s->async_drain([&](error_code ec) { drained = ec; });
    settle(io);
    CHECK(drained == asio::error::broken_pipe);
}

TEST_CASE("a write that fails for a reason that is not the other end's ends the session, and it is told")
{
    asio::io_context io;
    auto const s =
        oizys::detail::make_handle(std::make_unique<broken_stream>(io, asio::error::access_denied), {});
    witness w;
    w.watch(*s);
    s->send("lost");
    REQUIRE(run_until(io, [&] { return w.closed(); }));
    CHECK(w.closed_with(asio::error::access_denied));
    CHECK(s->counters().messages_dropped == 1);
}

TEST_CASE("long messages that wait when the other end goes are forgotten, and counted once")
{
    asio::io_context io;
    auto options = negotiating();
    options.negotiation.shared_from = 0;
    agreed_pair pair{io, options};
    std::string const message(1 << 20, 'x');
    pair.accepted->pause_reading();
    error_code ec;
    for (int i = 0; i < 40; ++i)
        pair.connected->send(std::string_view{message}, ec);
    settle(io);
    pair.accepted->abort();
    REQUIRE(run_until(io, [&] { return pair.at_connected.closed() || !pair.connected->is_open(); }));
    settle(io);
    CHECK(pair.connected->queued_bytes() == 0);
    CHECK(pair.connected->counters().messages_dropped <= 40);
    CHECK(pair.connected->counters().messages_dropped > 0);
}
