// SPDX-License-Identifier: BSL-1.0
#include "processes.hpp"
#include "random.hpp"
#include "vitals.hpp"

#include "support/certificates.hpp"
#include "support/temp_dir.hpp"

#include <oizys/connect.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <list>
#include <memory>
#include <sstream>
#include <string>

namespace asio = boost::asio;

namespace oizys::soak
{
namespace
{

using boost::system::error_code;
using namespace std::chrono_literals;

constexpr int clients_that_stay = 2;
constexpr int clients_to_kill = 2;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool measures_memory = false; // the address sanitizer keeps what is freed
#else
constexpr bool measures_memory = true;
#endif
constexpr std::size_t memory_tolerance = 16384; ///< KiB: what malloc keeps differs from run to run
constexpr std::size_t mapping_tolerance = 8;    ///< of the heap's

/// A process of this program, spoken to in lines.
struct process
{
    explicit process(asio::io_context& io) : kill_timer{io} {}

    std::shared_ptr<session> control;
    asio::steady_timer kill_timer;
    std::function<void(std::string const&)> on_line;
    std::function<void(int)> on_exit;
    pid_t pid = 0;
};

class supervisor
{
public:
    supervisor(std::string self, std::uint64_t seed, unsigned seconds)
        : random_{seed}, seconds_{seconds}, timer_{io_}, watchdog_{io_}
    {
        where_ = {.self = std::move(self), .folder = folder_.path().string()};
        test::certificate const authority{{.name = "authority", .is_ca = true}};
        authority.write_certificate(folder_.file("ca.pem"));
        test::certificate{{.name = "localhost", .alternative_names = "DNS:localhost,IP:127.0.0.1"}, authority}
            .write(folder_.file("server.pem"));
    }

    int run()
    {
        watchdog_.expires_after(std::chrono::seconds{seconds_ + warm_up() + 180});
        watchdog_.async_wait([this](error_code cancelled) {
            if (cancelled)
                return;
            fail("the run does not end");
            io_.stop();
        });
        start(server_, "server " + std::to_string(random_.next()));
        server_.on_line = [this](std::string const& line) { on_server_line(line); };
        server_.on_exit = [this](int status) {
            if (status != 0)
                fail("the server ended with status " + std::to_string(status));
            watchdog_.cancel();
            if (!over_)
                io_.stop();
        };
        io_.run();
        for (auto& c : clients_)
        {
            if (c.pid != 0)
                ::kill(c.pid, SIGKILL); // after a failure
        }
        std::printf("soak: %s after %u s: %zu client processes killed; before: %s; after: %s\n",
                    failed_ ? "FAILED" : "passed", seconds_, kills_, before_.to_string().c_str(),
                    after_.to_string().c_str());
        return failed_;
    }

private:
    void start(process& p, std::string const& part)
    {
        connect_extras extras;
        extras.exec.grace = 60s;
        extras.exec.on_exit = [&p](int status) {
            p.pid = 0;
            if (p.on_exit)
                p.on_exit(status);
        };
        auto const command = where_.self + ' ' + part + ' ' + where_.folder;
        async_connect(io_.get_executor(), "exec?framing=newline:" + command, {}, std::move(extras),
                      [this, &p](error_code ec, std::shared_ptr<session> s) {
                          if (ec)
                              return fail("cannot start a process: " + ec.message());
                          p.control = std::move(s);
                          p.control->set_onmessage([&p](std::string const& line) { p.on_line(line); });
                      });
    }

    void on_server_line(std::string const& line)
    {
        std::istringstream in{line};
        std::string word;
        in >> word;
        if (word == "ports")
        {
            for (unsigned port = 0; in >> port;)
                ports_ += ' ' + std::to_string(port);
            std::printf("soak: warming up for %u s\n", warm_up());
            return begin(warm_up());
        }
        if (word == "vitals")
        {
            std::size_t sessions = 0;
            auto& v = is_warm_ ? after_ : before_;
            in >> v.descriptors >> v.mappings >> v.children >> v.resident >> v.shared >> sessions;
            if (sessions != 0)
                fail(std::to_string(sessions) + " sessions are left");
            if (std::exchange(is_warm_, true))
                return server_.control->send("report"), void();
            std::printf("soak: warm: %s\n", before_.to_string().c_str());
            return begin(seconds_);
        }
        if (word == "line")
            return std::printf("%s\n", line.substr(5).c_str()), void();
        if (word == "failed")
            fail("the server has seen failures");
        over_ = true;
        compare();
        server_.control->close();
    }

    void compare()
    {
        auto const grown = [&](char const* what, std::size_t before, std::size_t after,
                               std::size_t tolerance) {
            if (after > before + tolerance)
                fail("the server has more " + std::string{what} + ": " + std::to_string(after) +
                     " instead of " + std::to_string(before));
        };
        grown("descriptors", before_.descriptors, after_.descriptors, 0);
        grown("children", before_.children, after_.children, 0);
        grown("files in /dev/shm", before_.shared, after_.shared, 0);
        if (!measures_memory)
            return;
        grown("mappings", before_.mappings, after_.mappings, mapping_tolerance);
        grown("memory (KiB)", before_.resident, after_.resident, memory_tolerance);
    }

    // Lets everybody loose for so long; then the server is measured.
    void begin(unsigned seconds)
    {
        std::fflush(stdout);
        stopping_ = false;
        server_.control->send("start");
        for (int i = 0; i < clients_that_stay + clients_to_kill; ++i)
            start_client(i < clients_to_kill);
        timer_.expires_after(std::chrono::seconds{seconds});
        timer_.async_wait([this](error_code) {
            stopping_ = true;
            for (auto& c : clients_)
                stop(c);
            measure_when_alone();
        });
    }

    void start_client(bool killable)
    {
        auto& c = clients_.emplace_back(io_);
        c.on_line = [this, &c, killable](std::string const& line) {
            c.pid = std::stoi(line.substr(4));
            if (stopping_)
                return stop(c);
            if (!killable)
                return;
            c.kill_timer.expires_after(random_.up_to(3s));
            c.kill_timer.async_wait([this, &c](error_code cancelled) {
                if (cancelled || c.pid == 0)
                    return;
                ::kill(c.pid, SIGKILL);
                ++kills_;
            });
        };
        c.on_exit = [this, &c, killable](int status) {
            bool const killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
            if (!(killable && killed) && (status != 0 || !stopping_))
                fail("a client ended with status " + std::to_string(status));
            c.kill_timer.cancel();
            // Posted: this is called by what is destroyed, and the session is told as well.
            asio::post(io_, [this, &c, killable] {
                std::erase_if(clients_, [&](process const& p) { return &p == &c; });
                if (stopping_)
                    measure_when_alone();
                else
                    start_client(killable);
            });
        };
        start(c, "client " + std::to_string(random_.next()) + (killable ? " killable" : " stays") + ports_);
    }

    static void stop(process& c)
    {
        error_code ec; // ignored: who is dead already need not be told
        c.kill_timer.cancel();
        if (c.control)
            c.control->send(std::string_view{"stop"}, ec);
    }

    void measure_when_alone()
    {
        if (clients_.empty())
            server_.control->send("measure");
    }

    unsigned warm_up() const { return std::clamp(seconds_ / 5, 2u, 20u); }

    void fail(std::string const& what)
    {
        failed_ = true;
        std::printf("soak: %s\n", what.c_str());
    }

    test::temp_dir folder_;
    asio::io_context io_{1};
    surroundings where_;
    random_source random_;
    unsigned seconds_;
    asio::steady_timer timer_;
    asio::steady_timer watchdog_;
    process server_{io_};
    std::list<process> clients_;
    std::string ports_;
    vitals before_;
    vitals after_;
    std::size_t kills_ = 0;
    bool is_warm_ = false;
    bool stopping_ = false;
    bool over_ = false;
    bool failed_ = false;
};

} // namespace

int run_supervisor(std::string const& self, std::uint64_t seed, unsigned seconds)
{
    return supervisor{self, seed, seconds}.run();
}

} // namespace oizys::soak
