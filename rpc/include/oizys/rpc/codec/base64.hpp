// SPDX-License-Identifier: BSL-1.0
//
// Binary data as text, as JSON has it.
#pragma once

#include <oizys/api.hpp>

#include <string>
#include <string_view>

namespace oizys::rpc
{

/// Base64 as in RFC 4648, section 4: the standard alphabet, with padding.
OIZYS_API std::string base64(std::string_view bytes);

} // namespace oizys::rpc
