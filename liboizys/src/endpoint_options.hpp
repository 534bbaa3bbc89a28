// SPDX-License-Identifier: BSL-1.0
//
// The options in the texts of endpoints: what each is called, which kinds of endpoints have it, how its value reads.
#pragma once

#include <oizys/endpoint.hpp>

#include <string>
#include <string_view>

namespace oizys::detail
{

/// Reads `name=value&name=value`. Returns what is wrong, in a sentence that names the option; nothing if all is well.
std::string read_options(std::string_view text, endpoint_kind kind, endpoint_options& options);

/// The text that gives these options; empty if there are none.
std::string print_options(endpoint_options const& options);

/// The first parameter of a target's query that is called like an option of this kind; empty if there is none.
std::string_view option_in_query(endpoint_kind kind, std::string_view target);

/// How texts of this kind begin: `tcp:`, `ws://`.
std::string_view prefix_of(endpoint_kind kind);

} // namespace oizys::detail
