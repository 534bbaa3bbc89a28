// SPDX-License-Identifier: BSL-1.0
//
// Which messages are worth a line.
#pragma once

#include "conversation.hpp"

#include <string>
#include <vector>

namespace oizys::cli
{

/// Lets everything pass that meets all of its conditions.
class message_filter
{
public:
    message_filter() = default;
    /// Conditions `method=GLOB` (answers have the method that they answer), `direction=to-server` or `to-client`, and
    /// `kind=` request, notification, result, error or other.
    /// @throws failure  (usage)
    explicit message_filter(std::vector<std::string> const& conditions);

    bool passes(sighting const& seen) const;

private:
    struct condition
    {
        std::string name;
        std::string value;
    };

    std::vector<condition> conditions_;
};

} // namespace oizys::cli
