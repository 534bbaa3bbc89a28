// SPDX-License-Identifier: BSL-1.0
#include "listener_log.hpp"

#include "log_emit.hpp"

#include <utility>

namespace oizys::detail
{
namespace
{

template <class Id>
std::string text_of(std::optional<Id> const& id)
{
    return id ? std::to_string(*id) : std::string{};
}

/// Does what may throw for want of memory; the line is lost then, and nothing else.
template <class Format>
void try_to(Format format) noexcept
{
    try
    {
        format();
    }
    catch (...) // there is nowhere to report it to
    {
    }
}

} // namespace

void listener_log::refused(credentials const& who, std::string_view reason,
                           function_ref<std::string()> why) const noexcept
{
    if (!handler_)
        return;
    try_to([&] {
        auto const uid = text_of(who.uid);
        auto const gid = text_of(who.gid);
        auto const pid = text_of(who.pid);
        line what{.level = log_level::warning, .text = "refused ", .fields = {{"reason", reason}}};
        what.text += who.uid ? "uid " + uid + " (gid " + gid + ')' : "an unknown user";
        what.text += ": " + why();
        if (who.uid)
            what.fields.insert(what.fields.end(), {{"uid", uid}, {"gid", gid}});
        if (who.pid)
            what.fields.push_back({"pid", pid});
        write(std::move(what));
    });
}

void listener_log::failed(credentials const& who, boost::system::error_code why) const noexcept
{
    if (!handler_)
        return;
    try_to([&] {
        auto const uid = text_of(who.uid);
        auto const pid = text_of(who.pid);
        auto const message = why.message();
        line what{.level = log_level::warning,
                  .text = "handshake failed with " + (who.uid ? "uid " + uid : "an unknown user") + ": " +
                          message,
                  .fields = {{"reason", "handshake"}, {"error", message}}};
        if (who.uid)
            what.fields.push_back({"uid", uid});
        if (who.pid)
            what.fields.push_back({"pid", pid});
        write(std::move(what));
    });
}

void listener_log::full(std::size_t max_sessions) const noexcept
{
    if (!handler_)
        return;
    try_to([&] {
        write({.level = log_level::warning,
               .text = "max_sessions is " + std::to_string(max_sessions) +
                       ": new connections wait until a session ends",
               .fields = {{"reason", "max_sessions"}}});
    });
}

void listener_log::pausing(boost::system::error_code why, std::chrono::milliseconds backoff) const noexcept
{
    if (!handler_)
        return;
    try_to([&] {
        auto const message = why.message();
        write({.level = log_level::warning,
               .text = "cannot accept connections: " + message + "; trying again every " +
                       std::to_string(backoff.count()) + " ms",
               .fields = {{"error", message}}});
    });
}

void listener_log::ended(boost::system::error_code why) const noexcept
{
    if (!handler_)
        return;
    try_to([&] {
        auto const message = why.message();
        write({.level = log_level::error,
               .text = "cannot accept connections any more: " + message,
               .fields = {{"error", message}}});
    });
}

void listener_log::write(line&& what) const
{
    auto const where = local_.to_string();
    what.fields.insert(what.fields.begin(), {"endpoint", where});
    emit(handler_, {.level = what.level, .text = what.text, .fields = what.fields});
}

} // namespace oizys::detail
