// SPDX-License-Identifier: BSL-1.0
//
// The manual page, made of what --help shows.
#pragma once

#include <string>

namespace CLI
{
class App;
}

namespace oizys::cli
{

/// roff for man(7).
std::string man_page(CLI::App const& app, std::string const& version);

} // namespace oizys::cli
