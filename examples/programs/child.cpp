// SPDX-License-Identifier: BSL-1.0
//
// A session with a child process, which here answers each line with the same line. README shows it.
#include <oizys/connect.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include <iostream>

int main()
{
    boost::asio::io_context io{1};
    std::shared_ptr<oizys::session> child;

    oizys::connect_extras extras;
    extras.exec.on_exit = [](int status) { std::cout << "it ended with " << status << '\n'; };
    oizys::async_connect(io.get_executor(), "exec?framing=newline:cat", {}, extras,
                         [&](boost::system::error_code failed, std::shared_ptr<oizys::session> started) {
                             if (failed)
                                 throw boost::system::system_error{failed};
                             child = std::move(started);
                             child->set_onmessage([&](std::string const& line) {
                                 std::cout << line << '\n';
                                 child->close();
                             });
                             child->send("hello");
                         });
    io.run();
}
