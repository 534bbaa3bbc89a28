// SPDX-License-Identifier: BSL-1.0
//
// How one call is made.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace oizys::rpc
{

class call_context;
class progress_watch;

/// Options of one call. What they point to must last until the call is started.
struct call_options
{
    /// Until the call completes with errc::timed_out; zero waits for ever. Nothing: as the peer's options say.
    /// Where the extensions are on, the handler is told how much is left.
    std::optional<std::chrono::milliseconds> timeout{};
    /// For who follows calls through processes: a W3C traceparent, or any UTF-8 text. Needs the extensions.
    std::string_view trace{};
    /// The call that is being served and needs this one: the time that it has left bounds this call, its trace goes on,
    /// and when it is cancelled this one is.
    call_context* within = nullptr;
    /// A progress_handler that is told how far the call is. Needs the extensions.
    progress_watch const* progress = nullptr;
    /// peer::open_stream: values that the other end may send ahead of who reads them.
    std::uint32_t window = 16;
};

static_assert(std::is_trivially_destructible_v<call_options>); // see session_options

} // namespace oizys::rpc
