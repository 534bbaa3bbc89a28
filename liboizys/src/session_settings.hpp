// SPDX-License-Identifier: BSL-1.0
//
// What all sessions of one listener share.
#pragma once

#include <oizys/session.hpp>
#include <oizys/websocket_options.hpp>

namespace oizys::detail
{

struct session_settings : session_options
{
    websocket_options websocket{}; ///< where a WebSocket is the transport, or is found to be
};

} // namespace oizys::detail
