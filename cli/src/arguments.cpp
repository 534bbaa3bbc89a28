// SPDX-License-Identifier: BSL-1.0
#include "arguments.hpp"

#include "failure.hpp"

#include <oizys/rpc/codec/json.hpp>

namespace oizys::cli
{
namespace
{

bool must_be_json(std::string_view word)
{
    auto const first = word.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos &&
           (word[first] == '[' || word[first] == '{' || word[first] == '"');
}

rpc::value parse_named(std::vector<std::string> const& named)
{
    rpc::object out;
    for (auto const& word : named)
    {
        auto const equals = word.find('=');
        if (equals == 0 || equals == std::string::npos)
            throw failure{usage, "not NAME=VALUE: " + word};
        auto name = word.substr(0, equals);
        if (out.contains(name))
            throw failure{usage, "given twice: " + name};
        out.push_back(std::move(name), parse_argument(std::string_view{word}.substr(equals + 1)));
    }
    return out;
}

} // namespace

rpc::value parse_argument(std::string_view word)
{
    if (auto parsed = rpc::from_json<rpc::value>(word))
        return std::move(*parsed);
    else if (must_be_json(word))
        throw failure{usage, "not JSON: " + std::string{word} + " (" + parsed.error().message() + ")"};
    return word;
}

rpc::value parse_parameters(std::vector<std::string> const& words, std::vector<std::string> const& behind,
                            std::vector<std::string> const& named)
{
    if (!named.empty())
    {
        if (!words.empty() || !behind.empty())
            throw failure{usage, "parameters are given by position or by name, not both"};
        return parse_named(named);
    }
    rpc::array out;
    for (auto const& word : words)
    {
        auto parsed = parse_argument(word);
        if (word.size() > 1 && word.front() == '-' && parsed.get_if<std::string>() != nullptr)
            throw failure{usage, "unknown option " + word + " (a string that begins so goes behind --)"};
        out.push_back(std::move(parsed));
    }
    for (auto const& word : behind)
        out.push_back(parse_argument(word));
    return out;
}

} // namespace oizys::cli
