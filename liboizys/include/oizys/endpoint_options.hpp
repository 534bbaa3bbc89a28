// SPDX-License-Identifier: BSL-1.0
//
// What an endpoint's text may ask for beyond a place, each by the name of its option.
#pragma once

#include <oizys/wire/framing.hpp>

#include <chrono>
#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace oizys
{

/// The options of one endpoint. What the text does not name is left to the options of who connects or listens.
struct endpoint_options
{
    /// `mode=0660`: permissions of the file of a listening socket. Of endpoints with a path.
    std::optional<unsigned> mode{};
    /// `group=NAME`: the group of that file, a name or a number; empty if not given.
    std::string group{};
    /// `cert=FILE`, `key=FILE`, `ca=FILE`: PEM files of tls and wss endpoints; empty if not given.
    std::string certificate{};
    std::string private_key{};
    std::string authorities{};
    /// `protocol=a,b`: names of WebSocket sub-protocols, the preferred one first.
    std::vector<std::string> protocols{};
    /// `spin=50us`: how long shared memory is polled before its user sleeps. Units are `us`, `ms` and `s`.
    std::optional<std::chrono::microseconds> spin{};
    /// `capacity=1048576`: bytes of shared memory for each direction, 4096 to 16777216, rounded up to a power of two
    /// where they are used. Of who connects: how many it asks for; of who listens: the most that it accepts.
    std::optional<std::size_t> capacity{};
    /// `framing=header24`, `newline`, `json_text`, `content_length`, `msgpack_object` or `detect`. Of all but
    /// WebSockets.
    std::optional<oizys::framing> framing{};
    /// `negotiate=1` or `0`: whether both ends agree on more than plain header24. Of all but WebSockets.
    std::optional<bool> negotiate{};

    friend auto operator<=>(endpoint_options const&, endpoint_options const&) = default;
};

} // namespace oizys
