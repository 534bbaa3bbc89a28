// SPDX-License-Identifier: BSL-1.0
#include "command_method.hpp"

#include "failure.hpp"
#include "print_value.hpp"
#include "text.hpp"

#include <oizys/rpc/codec/json.hpp>

#include <string_view>

namespace oizys::cli
{
namespace
{

constexpr std::size_t max_word = 128 * 1024 - 1; // Linux's MAX_ARG_STRLEN, with its zero byte

// The shell and timeout(1) use these.
constexpr int timed_out_status = 124;
constexpr int first_signal_status = 128;

rpc::value text_or_bytes(std::string_view text)
{
    if (is_utf8(text))
        return text;
    auto const* const from = reinterpret_cast<std::byte const*>(text.data());
    return rpc::bytes(from, from + text.size());
}

rpc::value result_of(std::string_view output)
{
    if (auto json = rpc::from_json<rpc::value>(output))
        return std::move(*json);
    if (!output.empty() && output.back() == '\n')
        output.remove_suffix(1);
    return output.empty() ? rpc::value{} : text_or_bytes(output);
}

rpc::error_object failed(int code, std::string const& message, shell_outcome const& outcome)
{
    return {.code = code, .message = message, .data = rpc::object{{"stderr", text_or_bytes(outcome.errors)}}};
}

} // namespace

command_method::command_method(std::string const& word)
{
    auto const equals = word.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == word.size())
        throw failure{usage, "not NAME=COMMAND: " + word};
    name = word.substr(0, equals);
    command = word.substr(equals + 1);
}

std::vector<std::string> words_of(rpc::value const& parameters)
{
    std::vector<std::string> words;
    auto const* const positional = parameters.get_if<rpc::array>();
    if (positional == nullptr)
        return words;
    for (auto const& parameter : *positional)
    {
        auto const* const text = parameter.get_if<std::string>();
        auto word = text != nullptr ? *text : compact(parameter);
        auto const name = "parameter " + std::to_string(words.size() + 1);
        if (word.find('\0') != std::string::npos)
            throw rpc::error{rpc::invalid_params, name + " has a zero byte, which no argument can hold"};
        if (word.size() > max_word)
            throw rpc::error{rpc::invalid_params, name + " is too long for an argument"};
        words.push_back(std::move(word));
    }
    return words;
}

rpc::outcome<rpc::value> answer_of(std::string const& method, shell_outcome const& outcome)
{
    switch (outcome.how)
    {
    case shell_outcome::kind::exited:
        if (outcome.status == 0)
            return result_of(outcome.output);
        return failed(outcome.status, method + ": exit status " + std::to_string(outcome.status), outcome);
    case shell_outcome::kind::killed:
        return failed(first_signal_status + outcome.status,
                      method + ": killed by signal " + std::to_string(outcome.status), outcome);
    case shell_outcome::kind::timed_out: return failed(timed_out_status, method + ": took too long", outcome);
    case shell_outcome::kind::too_much:
        return failed(rpc::result_too_large, method + ": printed too much", outcome);
    case shell_outcome::kind::stopped:
        return failed(rpc::internal_error, method + ": the server ends", outcome);
    }
    return rpc::error_object{};
}

} // namespace oizys::cli
