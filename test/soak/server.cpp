// SPDX-License-Identifier: BSL-1.0
#include "crowd.hpp"
#include "processes.hpp"
#include "stranger.hpp"
#include "vitals.hpp"

#include <oizys/connect.hpp>
#include <oizys/listener.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <map>
#include <memory>
#include <string>

namespace asio = boost::asio;

namespace oizys::soak
{
namespace
{

using boost::system::error_code;
using namespace std::chrono_literals;

class server
{
public:
    server(surroundings const& where, std::uint64_t seed)
        : where_{where}
        , random_{seed}
        , children_{io_, where_, book_, random_source{seed + 1}, child_options()}
        , timer_{io_}
    {
        bool holds_back = false;
        for (auto const* const text : listeners())
        {
            listener_options options;
            options.session.close_timeout = 30s;
            options.session.handshake_timeout = 5s;
            options.session.write_timeout = 10s;
            options.session.pause_reading_above = (holds_back = !holds_back) ? 262144 : 0;
            listeners_.emplace_back(io_.get_executor(), filled_in(text, where_), options);
            accept(listeners_.back());
        }
    }

    int run()
    {
        async_connect(
            io_.get_executor(), "stdio:?framing=newline", [this](error_code ec, std::shared_ptr<session> s) {
                if (ec)
                    return book_.fail("control", ec.message());
                control_ = std::move(s);
                control_->set_onclose([this](error_code) { io_.stop(); });
                control_->set_onmessage([this](std::string const& command) { on_command(command); });
                std::string ports = "ports";
                for (auto const& l : listeners_)
                    ports += ' ' + std::to_string(l.local_endpoint().port());
                control_->send(ports);
            });
        io_.run();
        return book_.failed();
    }

private:
    static crowd_options child_options()
    {
        crowd_options options;
        options.slots = 1;
        for (std::size_t i = 0; i < kinds().size(); ++i)
        {
            if (kinds()[i].listener < 0)
                options.kinds.push_back(i);
        }
        return options;
    }

    void accept(listener& at)
    {
        at.async_accept([this, &at](error_code ec, std::shared_ptr<session> s) {
            if (ec)
                return book_.fail(at.local_endpoint().to_string(), "accept: " + ec.message());
            auto const t = std::make_shared<talker>(std::move(s), book_, random_source{random_.next()},
                                                    talker::settings{},
                                                    [this](talker& ended) { talkers_.erase(&ended); });
            talkers_.emplace(t.get(), t);
            t->start_server();
            accept(at);
        });
    }

    void on_command(std::string const& command)
    {
        if (command == "start")
            return children_.start();
        if (command == "measure")
        {
            tries_ = 0;
            return children_.stop([this] { measure_when_quiet(); });
        }
        for (auto const& line : book_.lines())
            control_->send("line " + line);
        control_->send("line " + std::to_string(book_.strangers) +
                       " connections that never said who they are");
        control_->send(book_.failed() ? "failed" : "fine");
    }

    std::size_t open_sessions() const
    {
        std::size_t sum = 0;
        for (auto const& l : listeners_)
            sum += l.counters().sessions;
        return sum;
    }

    // What is being closed may take some more turns.
    void measure_when_quiet()
    {
        constexpr int most = 1500;
        if ((open_sessions() != 0 || !talkers_.empty()) && ++tries_ < most)
        {
            timer_.expires_after(20ms);
            timer_.async_wait([this](error_code) { measure_when_quiet(); });
            return;
        }
        auto const v = measure();
        control_->send("vitals " + std::to_string(v.descriptors) + ' ' + std::to_string(v.mappings) + ' ' +
                       std::to_string(v.children) + ' ' + std::to_string(v.resident) + ' ' +
                       std::to_string(v.shared) + ' ' + std::to_string(open_sessions()));
    }

    asio::io_context io_{1};
    surroundings where_;
    ledger book_{"server"};
    random_source random_;
    std::list<listener> listeners_;
    std::map<talker*, std::shared_ptr<talker>> talkers_;
    crowd children_;
    asio::steady_timer timer_;
    std::shared_ptr<session> control_;
    int tries_ = 0;
};

} // namespace

int run_server(surroundings const& where, std::uint64_t seed) { return server{where, seed}.run(); }

int run_child(std::string const& where)
{
    asio::io_context io{1};
    ledger book{"child"};
    std::shared_ptr<talker> t;
    listener_options options;
    options.session.close_timeout = 30s; // as everybody's: a busy machine is no error
    listener at{io.get_executor(), where, options};
    at.async_accept([&](error_code ec, std::shared_ptr<session> s) {
        if (ec)
            return book.fail(where, "accept: " + ec.message());
        t = std::make_shared<talker>(std::move(s), book,
                                     random_source{static_cast<std::uint64_t>(::getpid())},
                                     talker::settings{}, [&](talker&) { t.reset(); });
        t->start_server();
    });
    io.run();
    return book.failed();
}

} // namespace oizys::soak
