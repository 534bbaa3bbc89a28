// SPDX-License-Identifier: BSL-1.0
//
// One connection that is watched: matches answers with what they answer, and turns messages into lines. No I/O; time
// is an argument.
#pragma once

#include "colour.hpp"
#include "message.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oizys::cli
{

enum class direction : std::uint8_t
{
    to_server, ///< from who connected
    to_client,
};

/// "to-server" or "to-client".
std::string_view to_string(direction d) noexcept;

using moment = std::chrono::system_clock::time_point;

/// A call, or a part of one, as it passed.
struct sighting
{
    moment when{};
    std::uint32_t connection = 0;
    direction way = direction::to_server;
    message_form form = message_form::bytes;
    call_message call{}; ///< of answers, `method` is that of the request, if it was seen
    std::optional<std::chrono::nanoseconds> took{}; ///< of answers: since the request
};

class conversation
{
public:
    /// Requests that are remembered until they are answered; later ones are not timed.
    static constexpr std::size_t max_remembered = 65536;

    explicit conversation(std::uint32_t number) noexcept : number_{number} {}

    std::vector<sighting> on_message(direction way, std::string_view bytes, moment now);
    std::size_t remembered() const noexcept { return waiting_.size(); }

private:
    struct request
    {
        std::string method;
        moment when;
    };

    std::uint32_t number_;
    std::map<std::pair<direction, std::string>, request>
        waiting_; ///< by the way of the answer and the id as JSON
};

/// `12:00:00.000 #1 -> request add [2,3] id 1`. At most about `limit` bytes of what was sent.
std::string to_line(sighting const& seen, palette const& colours, std::size_t limit);

/// An object for scripts: time, connection, direction, kind, method, id, milliseconds, and body, text or hex.
std::string to_json_line(sighting const& seen);

} // namespace oizys::cli
