// SPDX-License-Identifier: BSL-1.0
//
// The blocks of docs/protocol.md as data. How a block reads is told at the beginning of that page.
#pragma once

#include <oizys/error.hpp>
#include <oizys/session.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace oizys::test
{

struct line
{
    std::string keyword;
    std::string rest;
};

/// ```kind option...
/// keyword rest
/// ```
struct block
{
    std::string kind;
    std::vector<std::string> words;             ///< without '='
    std::map<std::string, std::size_t> options; ///< name=number
    std::vector<line> lines;
    std::size_t at_line = 0;
};

std::vector<block> blocks_of(std::string const& page);

/// Pairs of hexadecimal digits, and text in single quotes, perhaps with `* 7` behind it; `#` begins a comment.
std::string bytes_of(std::string const& literal);

framing framing_of(std::string const& name);
errc error_of(std::string const& name);
std::size_t option(block const& b, std::string const& name, std::size_t otherwise);

/// Those that the block names, and no signs of life, so that nothing is sent that it does not show.
session_options session_options_of(block const& b);

} // namespace oizys::test
