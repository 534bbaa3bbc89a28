// SPDX-License-Identifier: BSL-1.0
#include "conversation.hpp"

#include "print_value.hpp"
#include "text.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace oizys::cli
{
namespace
{

direction opposite(direction d) noexcept
{
    return d == direction::to_server ? direction::to_client : direction::to_server;
}

double to_unit(std::chrono::nanoseconds d, double per_second)
{
    return std::chrono::duration<double>{d}.count() * per_second;
}

template <class... Arguments>
std::string formatted(char const* format, Arguments... arguments)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, arguments...);
    return text.data();
}

std::string clock_text(moment when)
{
    auto const since = std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch()).count();
    auto const seconds = static_cast<std::time_t>(since / 1000);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    return formatted("%02d:%02d:%02d.%03d", local.tm_hour, local.tm_min, local.tm_sec,
                     static_cast<int>(since % 1000));
}

std::string_view bytes_of(sighting const& seen)
{
    auto const* const bytes = seen.call.body.get_if<std::string>();
    return bytes != nullptr ? std::string_view{*bytes} : std::string_view{};
}

std::string what_it_is(sighting const& seen)
{
    if (seen.form == message_form::text)
        return "text";
    if (seen.form == message_form::bytes)
        return "bytes";
    return seen.call.part == call_part::other ? "message" : std::string{to_string(seen.call.part)};
}

} // namespace

std::string_view to_string(direction d) noexcept
{
    return d == direction::to_server ? "to-server" : "to-client";
}

std::vector<sighting> conversation::on_message(direction way, std::string_view bytes, moment now)
{
    auto const whole = decode(bytes);
    std::vector<sighting> seen;
    for (auto& call : calls_in(whole))
    {
        sighting one{
            .when = now, .connection = number_, .way = way, .form = whole.form, .call = std::move(call)};
        auto const part = one.call.part;
        if (part == call_part::request && waiting_.size() < max_remembered)
            waiting_.insert_or_assign({opposite(way), compact(one.call.id)}, request{one.call.method, now});
        if (part == call_part::result || part == call_part::error)
        {
            if (auto const asked = waiting_.find({way, compact(one.call.id)}); asked != waiting_.end())
            {
                one.call.method = std::move(asked->second.method);
                one.took = now - asked->second.when;
                waiting_.erase(asked);
            }
        }
        seen.push_back(std::move(one));
    }
    return seen;
}

std::string to_line(sighting const& seen, palette const& colours, std::size_t limit)
{
    auto const& call = seen.call;
    bool const is_answer = call.part == call_part::result || call.part == call_part::error;
    auto line = colours.paint(tone::faint, clock_text(seen.when)) + " #" + std::to_string(seen.connection) +
                (seen.way == direction::to_server ? " -> " : " <- ");
    line += call.part == call_part::error ? colours.paint(tone::error, what_it_is(seen)) : what_it_is(seen);
    if (!is_answer && call.part != call_part::other)
        line += ' ' + colours.paint(tone::name, shortened(one_line(call.method), limit));
    if (seen.form == message_form::bytes)
        line += ' ' + hexadecimal(bytes_of(seen), limit / 3);
    else if (!call.body.is_null() || is_answer || call.part == call_part::other)
        line += ' ' + shortened(compact(call.body), limit);
    if (call.part == call_part::request || is_answer)
        line += " id " + shortened(compact(call.id), limit);
    if (seen.took)
        line += colours.paint(tone::faint, " (" + shortened(one_line(call.method), limit) +
                                               formatted(", %.3f ms)", to_unit(*seen.took, 1e3)));
    return line;
}

std::string to_json_line(sighting const& seen)
{
    auto const& call = seen.call;
    rpc::object out{{"time", to_unit(seen.when.time_since_epoch(), 1)},
                    {"connection", seen.connection},
                    {"direction", to_string(seen.way)},
                    {"kind", to_string(call.part)}};
    if (!call.method.empty())
        out.push_back("method", call.method);
    if (call.part != call_part::notification && call.part != call_part::other)
        out.push_back("id", call.id);
    if (seen.took)
        out.push_back("milliseconds", to_unit(*seen.took, 1e3));
    if (seen.form == message_form::bytes)
        out.push_back("hex", hexadecimal(bytes_of(seen), bytes_of(seen).size()));
    else
        out.push_back(seen.form == message_form::text ? "text" : "body", call.body);
    return compact(out);
}

} // namespace oizys::cli
