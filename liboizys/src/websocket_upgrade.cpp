// SPDX-License-Identifier: BSL-1.0
#include "websocket_upgrade.hpp"

#include <algorithm>

namespace oizys::detail
{

namespace
{

bool allows(std::vector<std::string> const& origins, std::string_view origin)
{
    return std::any_of(origins.begin(), origins.end(),
                       [&](auto const& allowed) { return allowed == "*" || allowed == origin; });
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t";
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

} // namespace

bool offers(std::string_view list, std::string_view protocol)
{
    while (!list.empty())
    {
        auto const comma = std::min(list.find(','), list.size());
        if (trimmed(list.substr(0, comma)) == protocol)
            return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

bool is_visible(std::string_view text) noexcept
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

upgrade_verdict judge_upgrade(upgrade_request const& request, websocket_options const& options)
{
    // First, so that a web page cannot find out anything about this service.
    if (request.origin && !allows(options.allowed_origins, *request.origin))
        return {403, "web pages may not connect to this service", {}};
    auto const path = request.target.substr(0, request.target.find('?'));
    if (!options.target.empty() && path != options.target)
        return {404, "nothing is served at this path", {}};
    if (!request.is_upgrade)
        return {426, "only WebSockets are served here", {}};
    upgrade_verdict granted;
    auto const chosen = std::find_if(options.protocols.begin(), options.protocols.end(),
                                     [&](auto const& own) { return offers(request.protocols, own); });
    if (chosen != options.protocols.end())
        granted.protocol = *chosen;
    return granted;
}

} // namespace oizys::detail
