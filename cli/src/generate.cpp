// SPDX-License-Identifier: BSL-1.0
//
// oizys generate: a typed client from what a server, or a file, tells about methods.
#include "client.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "failure.hpp"

#include "generate/cpp.hpp"
#include "generate/model.hpp"
#include "generate/python.hpp"

#include <oizys/rpc/codec/json.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

namespace asio = boost::asio;

namespace oizys::cli
{
namespace
{

struct generate_arguments
{
    client_arguments client; ///< `endpoint` may be a file as well
    std::string language = "cpp";
    std::string name_space;
};

rpc::value parse_document(std::string const& text, std::string const& name)
{
    auto document = rpc::from_json<rpc::value>(text);
    if (!document)
        throw failure{usage, name + ": not JSON: " + document.error().message()};
    return std::move(*document);
}

rpc::value read_file(std::string const& path)
{
    std::ifstream in{path, std::ios::binary};
    if (!in)
        throw failure{usage, path + ": " + std::strerror(errno)};
    return parse_document({std::istreambuf_iterator<char>{in}, {}}, path);
}

int print_client(generate_arguments const& arguments, rpc::value const& document)
{
    try
    {
        auto const model = generate::read_model(document);
        std::cout << (arguments.language == "cpp"
                          ? generate::cpp_client(model, {.name_space = arguments.name_space})
                          : generate::python_client(model))
                  << std::flush;
    }
    catch (std::invalid_argument const& e)
    {
        throw failure{error_answer, std::string{"not an OpenRPC document that can be used: "} + e.what()};
    }
    return answered;
}

asio::awaitable<int> generate_from_server(generate_arguments const& arguments)
{
    auto peer = co_await connect(arguments.client);
    auto const answer = co_await call_and_wait(peer, "rpc.discover");
    if (!answer.has_value() && answer.error().code == rpc::method_not_found)
        throw failure{error_answer, "this server does not describe itself: it has no rpc.discover"};
    if (!answer.has_value())
        co_return print_error(answer.error(), false);
    co_return print_client(arguments, answer.value());
}

/// Whether it is the path of a file: there is no kind of endpoint in front of a colon.
bool is_file(std::string const& source)
{
    boost::system::error_code ec;
    endpoint::parse(source, ec);
    return ec && source.find(':') == std::string::npos;
}

} // namespace

void add_generate(CLI::App& app, command_line& line)
{
    auto const arguments = std::make_shared<generate_arguments>();
    auto* const command =
        app.add_subcommand("generate", "print a typed client for a server, in C++ or Python");
    add_client_options(*command, arguments->client);
    command->get_option("ENDPOINT")
        ->description("where the server listens, or a file with its OpenRPC document");
    command->add_option("--language", arguments->language, "cpp or python")
        ->type_name("NAME")
        ->check([](std::string const& name) {
            return name == "cpp" || name == "python" ? std::string{} : name + " is neither cpp nor python";
        })
        ->capture_default_str();
    command
        ->add_option("--namespace", arguments->name_space,
                     "of the C++ client; else made from the document's title")
        ->type_name("NAME");
    command->footer(
        "The server is asked for rpc.discover. The C++ client is one header, on oizys; the Python client is "
        "one module, on\nthe standard library.");
    command->callback([&line, arguments] {
        line.run = [arguments] {
            if (is_file(arguments->client.endpoint))
                return print_client(*arguments, read_file(arguments->client.endpoint));
            return run([arguments] { return generate_from_server(*arguments); });
        };
    });
}

} // namespace oizys::cli
