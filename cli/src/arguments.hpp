// SPDX-License-Identifier: BSL-1.0
//
// Words of the command line as the parameters of a call.
#pragma once

#include <oizys/rpc/codec/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace oizys::cli
{

/// One argument: JSON, or, where the word is not JSON, the word as a string. What begins like an array, an object or a
/// quoted string must be one: a missing bracket is a mistake rather than text.
/// @throws failure  (usage) with what is wrong
rpc::value parse_argument(std::string_view word);

/// Positional parameters as an array, or, from words `name=value`, named ones as an object.
///
/// Among `words`, those that look like an option (`-x`) are mistakes; those in `behind` stood behind `--` and are not.
/// @throws failure  (usage) also if there are both kinds, or one name twice
rpc::value parse_parameters(std::vector<std::string> const& words, std::vector<std::string> const& behind,
                            std::vector<std::string> const& named);

} // namespace oizys::cli
