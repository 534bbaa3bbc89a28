// SPDX-License-Identifier: BSL-1.0
//
// Proves that programs written for liboizys 1.x compile and run unchanged. Everything comes from one
// include, Asio too, and the code is written as users of liboizys write it.
#include <oizys/oizys.hpp>

#include <catch2/catch.hpp>

#include <unistd.h>

#include <iostream>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace liboizys_1x_echo
{

using local = boost::asio::local::stream_protocol;

class server
{
public:
    server(boost::asio::io_context& io, std::string const& path)
        : acceptor_(io, local::endpoint(path)), signals_(io, SIGINT, SIGTERM)
    {
        signals_.async_wait([this](auto ec, int) {
            if (!ec)
                stop();
        });
        accept();
    }

    void stop()
    {
        acceptor_.close();
        signals_.cancel();
    }

    std::vector<boost::system::error_code> const& closes() const { return closes_; }

private:
    void accept()
    {
        acceptor_.async_accept([this](boost::system::error_code ec, local::socket sock) {
            if (ec)
                return;
            std::shared_ptr<oizys::session_i> session = oizys::create_session(std::move(sock));
            session->set_onclose([this](auto err) { closes_.push_back(err); });
            session->set_onmessage([session](auto const& message) { session->send(message); });
            accept();
        });
    }

    local::acceptor acceptor_;
    boost::asio::signal_set signals_;
    std::vector<boost::system::error_code> closes_;
};

class client
{
public:
    client(boost::asio::io_context& io, std::string const& path)
    {
        local::socket sock(io);
        sock.connect(local::endpoint(path));
        session_ = oizys::create_session(std::move(sock));
    }

    void start(oizys::message_handler onmessage, oizys::close_handler onclose)
    {
        session_->set_onmessage(onmessage);
        session_->set_onclose(onclose);
    }

    std::size_t send(std::string const& message) { return session_->send(message); }
    void close() { session_->close(); }

private:
    std::shared_ptr<oizys::session_i> session_;
};

} // namespace liboizys_1x_echo

TEST_CASE("an echo server and client of liboizys 1.x run unchanged")
{
    std::string const path = "/tmp/oizys-1x-" + std::to_string(::getpid());
    ::unlink(path.c_str());
    boost::asio::io_context io;
    liboizys_1x_echo::server server(io, path);
    liboizys_1x_echo::client client(io, path);
    ::unlink(path.c_str());

    std::vector<std::string> answers;
    std::vector<boost::system::error_code> closes;
    client.start(
        [&](std::string const& message) {
            answers.push_back(message);
            if (answers.size() == 2)
            {
                client.close();
                server.stop();
            }
        },
        [&](boost::system::error_code err) { closes.push_back(err); });
    CHECK(client.send("Hi") == 1);
    CHECK(client.send("!") == 2);
    io.run();

    CHECK(answers == std::vector<std::string>{"Hi", "!"});
    CHECK(closes == std::vector<boost::system::error_code>{{}});
    CHECK(server.closes() == std::vector<boost::system::error_code>{boost::asio::error::eof});
}

TEST_CASE("the old way to handle errors still works")
{
    boost::asio::io_context io;
    boost::asio::local::stream_protocol::socket a(io);
    boost::asio::local::stream_protocol::socket b(io);
    boost::asio::local::connect_pair(a, b);
    std::shared_ptr<oizys::session_i> session = oizys::create_session(std::move(a));
    CHECK_THROWS_AS(session->send(""), std::exception);
    CHECK_THROWS_AS(session->send(std::string(1 << 24, 'x')), std::exception);
    CHECK_THROWS_AS(session->send(std::string(1 << 24, 'x')), boost::system::system_error);

    boost::system::error_code why;
    session->set_onclose([&](boost::system::error_code err) { why = err; });
    session->set_onmessage([](std::string const&) {});
    boost::asio::write(b, boost::asio::buffer("\1\0\0\1x", 5));
    io.run();
    CHECK(why == boost::system::errc::bad_message);
    CHECK(why.value() != 0);
}

TEST_CASE("the version can be asked for as it could in liboizys 1.x")
{
    CHECK(oizys::get_major_version() == oizys::major_version);
    CHECK(oizys::get_minor_version() == oizys::minor_version);
    CHECK(oizys::get_patch_version() == oizys::patch_version);
}
