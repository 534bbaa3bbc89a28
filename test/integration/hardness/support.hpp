// SPDX-License-Identifier: BSL-1.0
//
// What the tests of hardness share: a listener whose sessions echo, good clients, raw sockets, and the process's
// limits.
#pragma once

#include "integration/endpoint/support.hpp"

#include "support/run_until.hpp"
#include "support/temp_dir.hpp"

#include <oizys/connect.hpp>
#include <oizys/error.hpp>
#include <oizys/listener.hpp>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <list>
#include <memory>
#include <string>
#include <vector>

namespace oizys::test
{

namespace asio = boost::asio;
using boost::system::error_code;

/// Accepts everybody and echoes what they say.
class echo_server
{
public:
    echo_server(asio::io_context& io, endpoint const& where, listener_options const& options = {})
        : listener_{io.get_executor(), where, options}
    {
        accept();
    }

    listener& socket() { return listener_; }
    std::size_t sessions() const { return listener_.counters().sessions; }

    std::vector<error_code> closes; ///< how its sessions have ended
    std::size_t messages = 0;

private:
    void accept()
    {
        listener_.async_accept([this](error_code ec, std::shared_ptr<session> s) {
            if (ec)
                return;
            auto const at = sessions_.insert(sessions_.end(), std::move(s));
            (*at)->set_onclose([this, at](error_code why) {
                closes.push_back(why);
                sessions_.erase(at);
            });
            (*at)->set_onreceive([this, at](incoming& message) {
                ++messages;
                error_code ignored; // who is gone needs no echo
                (*at)->send(message.view(), ignored);
            });
            accept();
        });
    }

    listener listener_;
    std::list<std::shared_ptr<session>> sessions_;
};

/// A client as it should be: connects, sends one message and waits for its echo.
struct good_client
{
    /// `message` must outlive it.
    void start(asio::io_context& io, endpoint const& where, std::string_view message,
               connect_options const& options = {})
    {
        async_connect(
            io.get_executor(), where, options, [this, message](error_code ec, std::shared_ptr<session> s) {
                connected = true;
                why = ec;
                ended = ended || ec.failed();
                if (ec)
                    return;
                held = std::move(s);
                held->set_onclose([this](error_code end) {
                    why = end;
                    ended = true;
                });
                held->set_onmessage([this, message](std::string const& m) { answered = m == message; });
                held->send(message, why);
            });
    }

    bool connected = false; ///< or not, as `why` says
    bool answered = false;
    bool ended = false;
    error_code why;
    std::shared_ptr<session> held;
};

/// Whether a good client is served.
inline bool is_served(asio::io_context& io, endpoint const& where, std::string_view message = "[\"hello\"]",
                      connect_options const& options = {})
{
    good_client client;
    client.start(io, where, message, options);
    bool const ran = run_until(
        io, [&] { return client.answered || client.ended; }, std::chrono::seconds{30});
    UNSCOPED_INFO(client.why.message());
    client.held.reset();
    return ran && client.answered;
}

/// The soft limit of descriptors is raised where the hard one allows so many.
inline bool can_open(rlim_t descriptors)
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

/// While it lives, the process can open `spare` more descriptors, and no more. No CHECK meanwhile: some
/// sanitizers want descriptors for their checks.
class few_descriptors
{
public:
    explicit few_descriptors(rlim_t spare)
    {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        auto now = before_;
        now.rlim_cur = limit_for(spare);
        ::setrlimit(RLIMIT_NOFILE, &now);
    }
    few_descriptors(few_descriptors const&) = delete;
    few_descriptors& operator=(few_descriptors const&) = delete;
    ~few_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    // The lowest free numbers are given out first: the limit stands behind the `spare`th of them.
    static rlim_t limit_for(rlim_t spare)
    {
        std::vector<unique_fd> probes;
        for (rlim_t i = 0; i <= spare; ++i)
            probes.emplace_back(::dup(STDIN_FILENO));
        return static_cast<rlim_t>(probes.back().get());
    }

    rlimit before_{};
};

} // namespace oizys::test
