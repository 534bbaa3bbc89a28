// SPDX-License-Identifier: BSL-1.0
//
// How the server of a run tells its client where it listens, once it does.
#pragma once

#include <string>
#include <string_view>

namespace bench
{

/// `path` is that of the plan; the text lies in a file beside it.
void announce(std::string const& path, std::string_view text);

/// Waits for the text.
std::string announced(std::string const& path);

} // namespace bench
