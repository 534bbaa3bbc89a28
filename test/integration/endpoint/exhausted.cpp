// SPDX-License-Identifier: BSL-1.0
//
// Proves what becomes of connections for which there are not enough descriptors, whichever step is the first that
// gets none, at either end: the connect completes once, nothing stays open or hangs, no child is left, and when
// there are descriptors again the same listener serves.
#include "support/certificates.hpp"
#include "support/forked.hpp"
#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include "support.hpp"

#include <oizys/connect.hpp>
#include <oizys/error.hpp>
#include <oizys/listener.hpp>

#include <boost/asio/steady_timer.hpp>
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace
{

namespace asio = boost::asio;
using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;
using boost::system::error_code;

/// While it lives, so many descriptors can be opened and no more.
class few_descriptors
{
public:
    explicit few_descriptors(std::size_t spare)
    {
        // The next ones take the lowest numbers that are free.
        std::vector<unique_fd> taken;
        for (std::size_t i = 0; i <= spare; ++i)
            taken.emplace_back(::fcntl(0, F_DUPFD_CLOEXEC, 0));
        ::getrlimit(RLIMIT_NOFILE, &before_);
        ::rlimit const now{.rlim_cur = static_cast<::rlim_t>(taken.back().get()),
                           .rlim_max = before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &now) == 0);
    }
    few_descriptors(few_descriptors const&) = delete;
    few_descriptors& operator=(few_descriptors const&) = delete;
    ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    ::rlimit before_{};
};

bool has_no_children()
{
    siginfo_t info{};
    return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}

/// Files, made once per process.
struct identity
{
    temp_dir folder;
    certificate authority{{.name = "authority", .is_ca = true}};
    std::string ca = authority.write_certificate(folder.file("ca.pem"));
    std::string server =
        certificate{{.name = "localhost", .alternative_names = "IP:127.0.0.1"}, authority}.write(
            folder.file("server.pem"));

    static identity const& get()
    {
        static identity const instance;
        return instance;
    }
};

struct kind
{
    char const* name;
    std::string (*listen)(temp_dir const&); ///< null: there is nothing to listen on
    std::string (*connect)(temp_dir const&, endpoint const& opened);
    std::size_t least; ///< descriptors that it takes at both ends
};

std::string as_opened(temp_dir const&, endpoint const& opened) { return opened.to_string(); }
std::string with_port(char const* before, endpoint const& opened, char const* behind)
{
    return before + std::to_string(opened.port()) + behind;
}

kind const kinds[] = {
    {"unix", [](temp_dir const& d) { return d.endpoint(); }, as_opened, 2},
    {"unix negotiated", [](temp_dir const& d) { return d.endpoint() + "?negotiate=1"; }, as_opened, 2},
    {"tcp", [](temp_dir const&) { return std::string{"tcp:127.0.0.1:0"}; }, as_opened, 2},
    {"tls", [](temp_dir const&) { return "tls:127.0.0.1:0?cert=" + identity::get().server; },
     [](temp_dir const&, endpoint const& opened) {
         return with_port("tls:127.0.0.1:", opened, "?ca=") + identity::get().ca;
     },
     2},
    {"ws", [](temp_dir const&) { return std::string{"ws://127.0.0.1:0/"}; }, as_opened, 2},
    {"wss", [](temp_dir const&) { return "wss://127.0.0.1:0/#cert=" + identity::get().server; },
     [](temp_dir const&, endpoint const& opened) {
         return with_port("wss://127.0.0.1:", opened, "/#ca=") + identity::get().ca;
     },
     2},
    {"ws+unix", [](temp_dir const& d) { return "ws+unix:" + d.file("socket") + ":/"; }, as_opened, 2},
    {"shm", [](temp_dir const& d) { return "shm:" + d.file("socket"); }, as_opened, 8},
    {"exec", nullptr,
     [](temp_dir const&, endpoint const&) { return std::string{"exec?framing=newline:cat"}; }, 5},
    {"exec+fd", nullptr,
     [](temp_dir const&, endpoint const&) {
         return std::string{"exec+fd?framing=newline:sh -c 'exec 2>&-; exec cat <&3 >&3'"};
     },
     3},
};

/// A listener that echoes, and clients of it.
class service
{
public:
    explicit service(kind const& k) : kind_{k}
    {
        asio::steady_timer const opens_what_all_share{io};
        if (k.listen == nullptr)
            return;
        server_.emplace(io.get_executor(), k.listen(dir_), listener_options{.accept_backoff = 5ms});
        accept();
    }

    void connect(outcome& to, std::chrono::milliseconds timeout = 10s)
    {
        auto const where = kind_.connect(dir_, server_ ? server_->local_endpoint() : endpoint{});
        connect_options options;
        options.timeout = timeout;
        async_connect(io.get_executor(), where, options, to.handler());
    }

    bool echoes(outcome const& of, std::chrono::milliseconds within = 10s)
    {
        auto const answer = std::make_shared<std::string>(); // which may come too late
        of.session->set_onmessage([answer](std::string const& message) { *answer = message; });
        of.session->send("[1]");
        return run_until(
            io, [&] { return *answer == "[1]"; }, within);
    }

    bool end()
    {
        server_.reset();
        sessions_.clear();
        io.restart();
        io.run_for(10s);
        return io.stopped();
    }

    asio::io_context io;

private:
    void accept()
    {
        server_->async_accept([this](error_code ec, std::shared_ptr<session> s) {
            if (ec == asio::error::operation_aborted)
                return;
            REQUIRE(!ec);
            s->set_onmessage([raw = s.get()](std::string const& message) {
                error_code ignored; // the client may be gone
                raw->send(std::string_view{message}, ignored);
            });
            sessions_.push_back(std::move(s));
            accept();
        });
    }

    kind const& kind_;
    temp_dir dir_;
    std::optional<listener> server_;
    std::vector<std::shared_ptr<session>> sessions_;
};

// Returns whether the connection was made.
bool connect_with(kind const& k, std::size_t spare)
{
    auto const before = open_descriptors();
    bool connected = false;
    {
        service s{k};
        outcome first;
        auto const idle = open_descriptors();
        {
            // Whatever a connection takes of the loop besides its own is there already.
            outcome warm_up;
            s.connect(warm_up);
            REQUIRE(run_until(s.io, [&] { return warm_up.calls != 0; }));
            REQUIRE(warm_up.session);
            REQUIRE(s.echoes(warm_up));
        }
        REQUIRE(run_until(s.io, [&] { return open_descriptors() == idle; }));
        {
            few_descriptors const limit{spare};
            s.connect(first, 200ms); // who is not accepted waits in vain
            REQUIRE(run_until(s.io, [&] { return first.calls != 0; }));
            connected = first.session && s.echoes(first, 200ms);
        }
        CHECK((first.session || first.ec.failed()));
        first.session.reset();
        outcome second;
        s.connect(second);
        REQUIRE(run_until(s.io, [&] { return second.calls != 0; }));
        INFO(second.ec.message());
        REQUIRE(second.session);
        CHECK(s.echoes(second));
        second.session.reset();
        CHECK(first.calls == 1);
        CHECK(s.end());
    }
    CHECK(open_descriptors() == before);
    CHECK(has_no_children());
    return connected;
}

} // namespace

TEST_CASE("a connection for which there are not enough descriptors fails, and the next one succeeds")
{
    auto const& files = identity::get(); // opens what OpenSSL keeps open
    REQUIRE(!files.ca.empty());
    for (auto const& k : kinds)
    {
        std::size_t spare = 0;
        for (bool connected = false; !connected; ++spare)
        {
            INFO(k.name << " with " << spare << " descriptors");
            REQUIRE(spare < 20);
            connected = connect_with(k, spare);
            CHECK((!connected || spare >= k.least));
        }
    }
}

TEST_CASE("pipes that were handed over need no more than a descriptor or two, and are closed without them")
{
    auto const before = open_descriptors();
    std::size_t spare = 0;
    for (bool connected = false; !connected; ++spare)
    {
        INFO(spare << " descriptors");
        REQUIRE(spare < 3);
        asio::io_context io;
        asio::steady_timer const opens_what_all_share{io};
        int there[2];
        int back[2];
        REQUIRE(::pipe2(there, O_CLOEXEC) == 0);
        REQUIRE(::pipe2(back, O_CLOEXEC) == 0);
        unique_fd const in{there[0]};
        unique_fd const out{back[1]};
        outcome o;
        {
            few_descriptors const limit{spare};
            async_connect(io.get_executor(),
                          "fd:" + std::to_string(back[0]) + ',' + std::to_string(there[1]) +
                              "?framing=newline",
                          o.handler());
            REQUIRE(run_until(io, [&] { return o.calls != 0; }));
            connected = o.session != nullptr;
            CHECK(connected != o.ec.failed());
        }
        std::string received;
        if (connected)
        {
            o.session->set_onmessage([&](std::string const& message) { received = message; });
            REQUIRE(::write(out.get(), "[1]\n", 4) == 4);
            CHECK(run_until(io, [&] { return received == "[1]"; }));
        }
        o.session.reset();
        io.restart();
        io.run_for(10s);
        CHECK(io.stopped());
        CHECK(o.calls == 1);
        char byte = 0;
        CHECK(::read(in.get(), &byte, 1) == 0); // the other end is closed
    }
    CHECK(open_descriptors() == before);
}

TEST_CASE("a listener that shall not wait at all before it accepts again lets others run")
{
    temp_dir const dir;
    asio::io_context io;
    listener server{io.get_executor(), dir.endpoint(), {.accept_backoff = 0ms}};
    auto const client = raw_connect(dir.endpoint());
    outcome accepted;
    {
        few_descriptors const limit{0};
        server.async_accept(accepted.handler());
        io.poll(); // does not return if the next try is always due
        CHECK(server.counters().accept_errors > 0);
        CHECK(accepted.calls == 0);
    }
    REQUIRE(run_until(io, [&] { return accepted.calls == 1; }));
    CHECK(accepted.session);
}
