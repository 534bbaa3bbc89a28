// SPDX-License-Identifier: BSL-1.0
#include "session_exchange.hpp"

#include "driver.hpp"
#include "idle.hpp"
#include "unix_socket.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include <string>
#include <utility>
#include <vector>

namespace bench
{
namespace
{

constexpr char answer_me = '?'; // the first byte of the message that ends a flood

void check(boost::system::error_code ec)
{
    if (ec)
        throw boost::system::system_error{ec};
}

// --- server

void echo(oizys::session& session, oizys::incoming& message)
{
    constexpr std::size_t large = 65536; // bytes; a message in storage of its own
    boost::system::error_code ec;
    // What was negotiated makes frames of its own of a large message: there is nothing to give away.
    if (message.view().size() < large || session.negotiated())
        session.send(message.view(), ec);
    else
        session.send_owned(message.take(), ec);
    check(ec);
}

class local_server
{
public:
    local_server(boost::asio::io_context& io, plan const& p, session_maker make)
        : make_{make}, echoes_{p}, acceptor_{io, local::endpoint{p.path}}
    {
        accept();
    }

private:
    void accept()
    {
        acceptor_.async_accept([this](boost::system::error_code ec, local::socket socket) {
            check(ec);
            echoes_.take(make_(std::move(socket)));
            accept();
        });
    }

    session_maker make_;
    echo_server echoes_;
    local::acceptor acceptor_;
};

// --- client

void run_small(plan const& p, meter& m, session_connector& connect)
{
    boost::asio::io_context io{1};
    std::vector<session_ptr> sessions;
    std::string const message(p.payload, 'x');
    driver calls{io, p, m, [&](std::size_t connection) {
                     boost::system::error_code ec;
                     sessions[connection]->send(message, ec);
                     check(ec);
                 }};
    for (std::size_t i = 0; i < p.connections; ++i)
    {
        sessions.push_back(connect(io));
        sessions.back()->set_onreceive([&](oizys::incoming&) { calls.answered(); });
    }
    calls.run();
}

// The message that came back is the one that is sent next.
void run_large(plan const& p, meter& m, session_connector& connect)
{
    boost::asio::io_context io{1};
    auto const session = connect(io);
    auto message = message_of(p);
    driver calls{io, p, m, [&](std::size_t) {
                     boost::system::error_code ec;
                     session->send_owned(std::move(message), ec);
                     check(ec);
                 }};
    session->set_onreceive([&](oizys::incoming& received) {
        message = received.take();
        calls.answered();
    });
    calls.run();
    m.set_wire_bytes(static_cast<double>(session->counters().bytes_sent) /
                     static_cast<double>(p.warm_up + p.count));
}

/// Sends its messages in turns of the loop, a turn whenever what was sent has been written.
class flood
{
public:
    flood(plan const& p, meter& m, session_connector& connect)
        : plan_{p}, meter_{m}, rest_{p.warm_up}, session_{connect(io_)}
    {
        session_->set_ondrain([this] { turn(); });
        session_->set_onreceive([this](oizys::incoming&) { answered(); });
    }

    void run()
    {
        turn();
        io_.run();
    }

private:
    void turn()
    {
        boost::system::error_code ec;
        for (std::size_t i = 0; i < plan_.outstanding && rest_ > 1; ++i, --rest_)
            session_->send(message_, ec);
        if (rest_ == 1)
        {
            session_->send(question_, ec);
            rest_ = 0;
        }
        check(ec);
    }

    void answered()
    {
        if (metering_)
        {
            meter_.stop();
            return io_.stop();
        }
        metering_ = true;
        meter_.start();
        rest_ = plan_.count;
        turn();
    }

    plan const& plan_;
    meter& meter_;
    std::size_t rest_;
    bool metering_ = false;
    boost::asio::io_context io_{1};
    session_ptr session_;
    std::string message_ = std::string(plan_.payload, 'x');
    std::string question_ = std::string(plan_.payload, answer_me);
};

} // namespace

void echo_server::take(session_ptr accepted)
{
    auto const& session = sessions_.emplace_back(std::move(accepted));
    session->set_onreceive([this, session = session.get()](oizys::incoming& message) {
        if (!oneway_ || message.view().front() == answer_me)
            echo(*session, message);
    });
}

void serve_sessions(plan const& p, session_maker make)
{
    boost::asio::io_context io{1};
    local_server const server{io, p, make};
    io.run();
}

void run_sessions(plan const& p, meter& m, session_maker make)
{
    run_sessions(p, m, [&p, make](boost::asio::io_context& io) {
        return make(local::socket{io, local{}, connect_to(p.path).release()});
    });
}

void run_sessions(plan const& p, meter& m, session_connector connect)
{
    switch (p.shape)
    {
    case pattern::window:
    case pattern::burst: return run_small(p, m, connect);
    case pattern::large: return run_large(p, m, connect);
    case pattern::oneway: return flood{p, m, connect}.run();
    case pattern::idle: return run_idle(p, m, frame(std::string(p.payload, 'x')));
    }
}

} // namespace bench
