// SPDX-License-Identifier: BSL-1.0
//
// Names the kinds of values for error messages: "expected a string, found an integer".
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/codec/reader.hpp>

#include <string_view>

namespace oizys::rpc
{

/// "an integer", "a string", ...; `kind::none` is "nothing".
OIZYS_API std::string_view describe(kind k) noexcept;

} // namespace oizys::rpc
