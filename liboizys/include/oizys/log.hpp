// SPDX-License-Identifier: BSL-1.0
//
// The log hook: what an administrator wants to know and no return value tells, such as who was refused.
// The library writes nothing anywhere by itself.
#pragma once

#include <oizys/api.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace oizys
{

enum class log_level : std::uint8_t
{
    debug,
    info,
    warning, ///< something was refused or has to wait; the program goes on
    error,   ///< something has ended that was meant to go on
};

/// Something about the event that a program may want to look at, such as uid = 1001.
struct log_field
{
    std::string_view name; ///< of letters, digits and `_`
    std::string_view value;
};

/// Valid while the handler runs. Text and values may hold what strangers chose: escape them when you write
/// them.
struct log_event
{
    log_level level;
    std::string_view text; ///< a sentence for people; it says by itself what happened
    std::span<log_field const> fields;
};

/// Called on the executor of the object that it was given to, also within that object's functions. Nothing is
/// formatted where none is set. What it throws is ignored.
using log_handler = std::function<void(log_event const&)>;

/// "debug", "info", "warning" or "error".
OIZYS_API std::string_view to_string(log_level level) noexcept;

/// The event as one line of logfmt, without the line feed:
/// `level=warning text="refused uid 1001 (gid 1001): …" endpoint=unix:/run/calc.sock uid=1001`.
///
/// Values with spaces, quotes, `=` or anything unusual are quoted. Control characters and bytes that are not
/// UTF-8 become `\n`, `\r`, `\t` or `\xHH`, so that nobody can forge a line or play with a terminal.
OIZYS_API std::string to_logfmt(log_event const& event);

/// Writes each event of `least` and above to stderr, as one line of logfmt in one write. It has no time of
/// its own: systemd's journal adds one. What cannot be written is lost.
OIZYS_API log_handler log_to_stderr(log_level least = log_level::info);

} // namespace oizys
