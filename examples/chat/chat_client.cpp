// SPDX-License-Identifier: BSL-1.0
//
// Says each line of the standard input in a chat room, and prints what happens there. The blocking client serves
// the room's notifications on its own thread, while this one waits for the next line.
#include "common/command_line.hpp"

#include <oizys/rpc/blocking_client.hpp>
#include <oizys/rpc/service.hpp>

namespace rpc = oizys::rpc;

int main(int argc, char** argv)
try
{
    CLI::App app{"Joins a chat_server's room as NAME and says each line of the standard input."};
    std::string endpoint;
    std::string name;
    app.add_option("ENDPOINT", endpoint, "unix:/path, unix:@name or tcp:host:port")->required();
    app.add_option("NAME", name)->required();
    example::parse(app, argc, argv);

    rpc::service events;
    events.method("joined", [](std::string const& who) { std::cout << who << " joined" << std::endl; });
    events.method("left", [](std::string const& who) { std::cout << who << " left" << std::endl; });
    events.method("said", [](std::string const& who, std::string const& text) {
        std::cout << who << ": " << text << std::endl;
    });

    rpc::blocking_client room{endpoint, events};
    auto const present = room.call<std::vector<std::string>>("join", name);
    std::cerr << "joined; " << present.size() << " others are here\n";
    for (std::string line; std::getline(std::cin, line);)
        room.call<void>("say", line);
}
catch (rpc::error const& e)
{
    std::cerr << e.what() << '\n';
    return example::error_answer;
}
catch (std::exception const& e)
{
    return example::report(e);
}
