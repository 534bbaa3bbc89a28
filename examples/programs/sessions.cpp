// SPDX-License-Identifier: BSL-1.0
//
// Sessions alone: whole messages over a pair of connected sockets, without calls. README shows it.
#include <oizys/session.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>

#include <iostream>

int main()
{
    boost::asio::io_context io{1};
    boost::asio::local::stream_protocol::socket here{io};
    boost::asio::local::stream_protocol::socket there{io};
    boost::asio::local::connect_pair(here, there);

    auto echo = oizys::create_session(std::move(there));
    echo->set_onmessage([&](std::string const& message) { echo->send(message); });
    echo->set_onclose([](boost::system::error_code why) { std::cout << "ended: " << why.message() << '\n'; });

    auto session = oizys::create_session(std::move(here));
    session->set_onmessage([&](std::string const& message) {
        std::cout << message << '\n';
        session->close();
    });
    session->send("hello");
    io.run();
}
