// SPDX-License-Identifier: BSL-1.0
//
// Tools for a program that speaks the Model Context Protocol: JSON-RPC, one text per line, on standard input and output.
// A tool is a function of a struct, whose schema and description are told to who asks. Ends with its input.
#include "common/command_line.hpp"

#include <oizys/rpc/codec/msgpack.hpp>
#include <oizys/rpc/error.hpp>
#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/describe/class.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <sstream>
#include <string>

namespace rpc = oizys::rpc;

using rpc::array;
using rpc::object;
using rpc::value;

namespace
{

struct numbers
{
    double a = 0;
    double b = 0;
};
BOOST_DESCRIBE_STRUCT(numbers, (), (a, b))

struct text
{
    std::string words;
};
BOOST_DESCRIBE_STRUCT(text, (), (words))

/// The parameters of `initialize`; others are ignored.
struct hello
{
    std::string protocolVersion;
};
BOOST_DESCRIBE_STRUCT(hello, (), (protocolVersion))

/// The parameters of `tools/call`.
struct tool_call
{
    std::string name;
    value arguments;
};
BOOST_DESCRIBE_STRUCT(tool_call, (), (name, arguments))

/// Tools by name.
class toolbox
{
public:
    /// What `function` returns is the tool's answer, a text; what it throws is told to the model, which may try again.
    template <class Arguments>
    void add(std::string name, std::string description, std::function<std::string(Arguments const&)> function)
    {
        rpc::schemas all;
        all.of<Arguments>(); // a component, the only one as its members are no structs
        object entry{{"name", name},
                     {"description", std::move(description)},
                     {"inputSchema", all.components().begin()->second}};
        tools_[std::move(name)] = {std::move(entry),
                                   [function = std::move(function)](value const& arguments) {
                                       auto const packed = rpc::to_msgpack(arguments);
                                       return function(rpc::from_msgpack<Arguments>(packed).value());
                                   }};
    }

    object list() const
    {
        array entries;
        for (auto const& [name, known] : tools_)
            entries.push_back(known.entry);
        return {{"tools", std::move(entries)}};
    }

    object call(tool_call const& what) const
    {
        auto const found = tools_.find(what.name);
        if (found == tools_.end())
            throw rpc::error{rpc::invalid_params, "there is no tool " + what.name};
        try
        {
            return answer(found->second.run(what.arguments), false);
        }
        catch (std::exception const& failure)
        {
            return answer(failure.what(), true);
        }
    }

private:
    struct tool
    {
        object entry;
        std::function<std::string(value const&)> run;
    };

    static object answer(std::string text, bool failed)
    {
        return {{"content", array{object{{"type", "text"}, {"text", std::move(text)}}}}, {"isError", failed}};
    }

    std::map<std::string, tool> tools_;
};

std::string divide(numbers const& n)
{
    if (n.b == 0)
        throw std::invalid_argument{"division by zero"};
    std::ostringstream out;
    out << n.a / n.b;
    return out.str();
}

std::string count_words(text const& t)
{
    std::istringstream words{t.words};
    std::size_t count = 0;
    for (std::string word; words >> word; ++count)
        ;
    return std::to_string(count);
}

/// The versions of the protocol that have what is used here, the newest first.
constexpr std::array versions{"2025-06-18", "2025-03-26", "2024-11-05"};

object initialize(hello const& client)
{
    auto const known = std::find(versions.begin(), versions.end(), client.protocolVersion);
    return {{"protocolVersion", known == versions.end() ? versions.front() : *known},
            {"capabilities", object{{"tools", object{}}}},
            {"serverInfo", object{{"name", "oizys-example"}, {"version", "1"}}}};
}

} // namespace

int main(int argc, char** argv)
try
{
    CLI::App app{"Serves tools to the program that has started it, in the Model Context Protocol."};
    std::string endpoint = "stdio:?framing=newline";
    app.add_option("--listen", endpoint, "where, instead of standard input and output");
    example::parse(app, argc, argv);

    toolbox tools;
    tools.add<numbers>("divide", "Divides a by b", divide);
    tools.add<text>("count_words", "Counts the words of a text", count_words);

    boost::asio::io_context io{1};
    rpc::service service;
    service.method("initialize", initialize);
    service.method("notifications/initialized", [](rpc::all<value> const&) {});
    service.method("ping", [](rpc::all<value> const&) { return object{}; });
    service.method("tools/list", [&](rpc::all<value> const&) { return tools.list(); });
    service.method("tools/call", [&](tool_call const& what) { return tools.call(what); });
    rpc::server server{io.get_executor(), service};
    server.listen(endpoint);
    io.run();
}
catch (std::exception const& e)
{
    return example::report(e);
}
