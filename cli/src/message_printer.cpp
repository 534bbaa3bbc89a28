// SPDX-License-Identifier: BSL-1.0
#include "message_printer.hpp"

#include <CLI/App.hpp>

#include <unistd.h>

#include <iostream>
#include <limits>

namespace oizys::cli
{
namespace
{

constexpr auto footer =
    R"(A line has the time, the number of the connection, the direction (-> from who connected, <- to it), what it
is, and the message: JSON and MessagePack as JSON, other text as a JSON string, anything else in hexadecimal. An
answer names the method that it answers and how long that took. With --json each line is an object instead:
{"time","connection","direction","kind","method","id","milliseconds","body"}, with "text" or "hex" for "body".

Filters are method=GLOB, direction=to-server or to-client, kind=request, notification, result, error or other.)";

} // namespace

void message_printer::add_options(CLI::App& command)
{
    command
        .add_option("--filter", conditions_,
                    "print only what meets this, and each other filter that is given")
        ->allow_extra_args(false)
        ->type_name("NAME=VALUE");
    command.add_flag("--json", json_, "one JSON object a line");
    command.add_flag("--full", full_, "long messages to their end");
    command.footer(footer);
    command.parse_complete_callback([this] { filter_ = message_filter{conditions_}; });
}

void message_printer::print(std::vector<sighting> const& seen)
{
    static palette const colours = palette_for(STDOUT_FILENO);
    for (auto const& one : seen)
    {
        if (!filter_.passes(one))
            continue;
        auto const limit = full_ ? std::numeric_limits<std::size_t>::max() : short_limit;
        std::cout << (json_ ? to_json_line(one) : to_line(one, colours, limit)) << std::endl;
    }
}

} // namespace oizys::cli
