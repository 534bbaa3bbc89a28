// SPDX-License-Identifier: BSL-1.0
//
// Decides whether a request for a WebSocket is granted. Pure: what HTTP looks like is left to others.
#pragma once

#include <oizys/websocket_options.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace oizys::detail
{

struct upgrade_request
{
    bool is_upgrade = false; ///< and not some other request
    std::string_view target;
    std::optional<std::string_view> origin;
    std::string_view protocols{}; ///< that are offered, with commas between
};

struct upgrade_verdict
{
    unsigned status = 101;   ///< of HTTP
    std::string_view reason; ///< of a refusal
    std::string protocol;    ///< that was chosen, or empty
};

upgrade_verdict judge_upgrade(upgrade_request const& request, websocket_options const& options);

/// Whether `protocol` is one of those in a list with commas between.
bool offers(std::string_view list, std::string_view protocol);

/// Whether this may stand in a header or a request line: visible ASCII, so that nothing can be slipped in behind it.
bool is_visible(std::string_view text) noexcept;

} // namespace oizys::detail
