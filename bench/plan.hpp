// SPDX-License-Identifier: BSL-1.0
//
// What is measured: the modes, each a pattern of messages with its size and its count.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bench
{

/// How the client issues its calls.
enum class pattern
{
    window, ///< a new call for each answer, so that `outstanding` of them are always under way
    burst,  ///< `outstanding` calls at once, posted from the loop; the next ones when all are answered
    large,  ///< one large echo at a time
    oneway, ///< messages that are not answered; one that is answered ends the flood
    idle,   ///< connections that do nothing: how much memory the server takes for each
};

/// What large messages hold.
enum class contents
{
    any,   ///< the same byte over and over
    text,  ///< of a log: zstd makes a fraction of it
    noise, ///< which nothing can compress
};

struct plan
{
    std::string_view mode;
    pattern shape;
    std::size_t connections;
    std::size_t outstanding; ///< calls under way, over all connections
    std::size_t payload;     ///< bytes of one echoed message
    std::size_t count;       ///< measured calls
    std::size_t warm_up;     ///< calls before these
    contents holds = contents::any;
    std::string path{}; ///< of the server's socket
};

/// A message of the plan's size.
std::string message_of(plan const& p);

/// Every mode, in the order they are run; `quick` ones take a moment and mean nothing.
std::vector<plan> all_plans(bool quick);

} // namespace bench
