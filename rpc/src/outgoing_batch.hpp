// SPDX-License-Identifier: BSL-1.0
//
// Calls and notifications that will be sent together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oizys::rpc::detail
{

class outgoing_batch
{
public:
    struct element
    {
        std::size_t end; ///< in text
        std::optional<std::uint32_t> id;
    };

    std::string text; ///< the elements, encoded, one behind the other
    std::vector<element> elements;
};

} // namespace oizys::rpc::detail
