// SPDX-License-Identifier: BSL-1.0
//
// Sends one message and prints what comes back. Callbacks only.
#include "common/command_line.hpp"

#include <oizys/connect.hpp>

#include <boost/asio/io_context.hpp>

namespace asio = boost::asio;

int main(int argc, char** argv)
try
{
    CLI::App app{"Sends TEXT to an echo_server and prints the answer."};
    std::string endpoint;
    std::string text;
    app.add_option("ENDPOINT", endpoint, "unix:/path, unix:@name or tcp:host:port")->required();
    app.add_option("TEXT", text)->required();
    example::parse(app, argc, argv);

    asio::io_context io{1};
    std::shared_ptr<oizys::session> session; // as long as this lives, the session is open
    boost::system::error_code failed;
    oizys::async_connect(io.get_executor(), endpoint,
                         [&](boost::system::error_code ec, std::shared_ptr<oizys::session> connected) {
                             failed = ec;
                             if (ec)
                                 return;
                             session = std::move(connected);
                             session->set_onclose([&](boost::system::error_code why) { failed = why; });
                             session->set_onmessage([&](std::string const& message) {
                                 std::cout << message << '\n';
                                 session->close();
                             });
                             session->send(text);
                         });
    io.run();
    if (failed)
        throw boost::system::system_error{failed, endpoint};
}
catch (std::exception const& e)
{
    return example::report(e);
}
