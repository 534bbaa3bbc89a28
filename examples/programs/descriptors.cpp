// SPDX-License-Identifier: BSL-1.0
//
// Messages that bring descriptors: a file is opened by one end and read by the other. README shows it.
#include <oizys/connect.hpp>
#include <oizys/listener.hpp>

#include <boost/asio/io_context.hpp>

#include <array>
#include <iostream>

#include <fcntl.h>
#include <unistd.h>

int main()
{
    boost::asio::io_context io{1};
    std::shared_ptr<oizys::session> server;
    std::shared_ptr<oizys::session> client;

    // Both ends ask for the negotiated mode, of which descriptors are a part.
    oizys::listener listener{io.get_executor(), "unix:files.sock?negotiate=1"};
    listener.async_accept([&](boost::system::error_code, std::shared_ptr<oizys::session> accepted) {
        server = std::move(accepted);
        server->set_onreceive([&](oizys::incoming& request) {
            std::vector<oizys::unique_fd> files;
            files.emplace_back(::open(std::string{request.view()}.c_str(), O_RDONLY | O_CLOEXEC));
            boost::system::error_code failed;
            server->send("here it is", std::move(files), failed);
        });
    });

    oizys::async_connect(io.get_executor(), "unix:files.sock?negotiate=1",
                         [&](boost::system::error_code, std::shared_ptr<oizys::session> connected) {
                             client = std::move(connected);
                             client->set_onreceive([&](oizys::incoming& answer) {
                                 auto const files = answer.take_descriptors();
                                 std::array<char, 100> text;
                                 auto const n = ::read(files.at(0).get(), text.data(), text.size());
                                 std::cout.write(text.data(), n);
                                 client->close();
                             });
                             client->send("greeting.txt");
                         });
    io.run();
}
