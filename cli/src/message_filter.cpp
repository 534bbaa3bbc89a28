// SPDX-License-Identifier: BSL-1.0
#include "message_filter.hpp"

#include "failure.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>

namespace oizys::cli
{
namespace
{

template <std::size_t N>
bool is_one_of(std::string_view value, std::array<std::string_view, N> const& known)
{
    return std::find(known.begin(), known.end(), value) != known.end();
}

bool can_be(std::string_view name, std::string_view value)
{
    static constexpr std::array<std::string_view, 2> directions{"to-server", "to-client"};
    static constexpr std::array<std::string_view, 5> kinds{"request", "notification", "result", "error",
                                                           "other"};
    return (name == "method" && !value.empty()) || (name == "direction" && is_one_of(value, directions)) ||
           (name == "kind" && is_one_of(value, kinds));
}

} // namespace

message_filter::message_filter(std::vector<std::string> const& conditions)
{
    for (auto const& text : conditions)
    {
        auto const equals = std::min(text.find('='), text.size());
        condition one{text.substr(0, equals), text.substr(std::min(equals + 1, text.size()))};
        if (!can_be(one.name, one.value))
            throw failure{usage,
                          "not a filter: " + text +
                              " (method=GLOB, direction=to-server or to-client, kind=request, notification, "
                              "result, error or other)"};
        conditions_.push_back(std::move(one));
    }
}

bool message_filter::passes(sighting const& seen) const
{
    return std::all_of(conditions_.begin(), conditions_.end(), [&](condition const& one) {
        if (one.name == "method")
            return ::fnmatch(one.value.c_str(), seen.call.method.c_str(), 0) == 0;
        return one.value == (one.name == "kind" ? to_string(seen.call.part) : to_string(seen.way));
    });
}

} // namespace oizys::cli
