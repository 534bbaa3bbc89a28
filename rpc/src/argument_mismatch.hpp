// SPDX-License-Identifier: BSL-1.0
//
// Says, for people, why an argument does not fit its parameter.
#pragma once

#include <oizys/rpc/method.hpp>

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace oizys::rpc::detail
{

/// "parameter 2 (b)"
std::string name_of(method_entry const& method, std::size_t index);

/// Names come from the other end and may be long.
std::string_view shortened(std::string_view name) noexcept;

/// What was expected and what came instead: `in` stands before the value again that could not be read because of `why`.
std::string mismatch(reader& in, parameter_type const& type, void* target, boost::system::error_code why);

} // namespace oizys::rpc::detail
