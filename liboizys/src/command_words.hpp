// SPDX-License-Identifier: BSL-1.0
//
// The words of a command line, told apart as a shell does, and nothing else of a shell.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oizys::detail
{

/// The words between white space. Single quotes keep everything, double quotes everything but `\"` and `\\`, and
/// a backslash outside of quotes the character behind it. Nothing if a quote or a backslash is left open.
std::optional<std::vector<std::string>> split_command(std::string_view text);

/// A text that is split into these words.
std::string join_command(std::vector<std::string> const& words);

} // namespace oizys::detail
