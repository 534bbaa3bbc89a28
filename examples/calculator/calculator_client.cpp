// SPDX-License-Identifier: BSL-1.0
//
// Calls any method of any server, with arguments in JSON, and prints the result as JSON.
// The message travels as JSON-RPC, or as MessagePack-RPC with --msgpack.
#include "common/command_line.hpp"

#include <oizys/rpc/blocking_client.hpp>
#include <oizys/rpc/codec/json.hpp>

namespace rpc = oizys::rpc;

int main(int argc, char** argv)
try
{
    CLI::App app{"Calls METHOD on a server and prints its result.\n"
                 "Exit codes: 0 answered, 1 answered with an error (on stderr), 2 usage, 3 no connection."};
    std::string endpoint;
    std::string method;
    rpc::client_options options;
    app.add_option("ENDPOINT", endpoint, "unix:/path, unix:@name or tcp:host:port")->required();
    app.add_option("METHOD", method)->required();
    app.add_flag_callback(
        "--msgpack", [&] { options.peer.protocol = rpc::protocol::msgpack; }, "speak MessagePack-RPC");
    app.footer("What follows METHOD are the arguments, each a JSON text: add 2 3, echo '{\"a\":[1]}'");
    app.allow_extras(); // the arguments; as an option of the parser a JSON array would be taken apart
    example::parse(app, argc, argv);

    rpc::array arguments;
    for (auto const& text : app.remaining())
    {
        auto argument = rpc::from_json<rpc::value>(text);
        if (!argument)
        {
            std::cerr << "not JSON: " << text << " (" << argument.error().message() << ")\n";
            return example::usage;
        }
        arguments.push_back(std::move(*argument));
    }

    rpc::blocking_client client{endpoint, options};
    std::cout << client.call_with(method, arguments) << '\n';
}
catch (rpc::error const& e)
{
    auto const& [code, message, data] = e.object();
    std::cerr << rpc::value{rpc::object{{"code", code}, {"message", message}, {"data", data}}} << '\n';
    return example::error_answer;
}
catch (std::exception const& e)
{
    return example::report(e);
}
