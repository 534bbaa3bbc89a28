// SPDX-License-Identifier: BSL-1.0
#include "colour.hpp"

#include <unistd.h>

#include <cstdlib>

namespace oizys::cli
{
namespace
{

std::string_view begin_of(tone how)
{
    switch (how)
    {
    case tone::name: return "\x1b[36m";
    case tone::text: return "\x1b[32m";
    case tone::number: return "\x1b[33m";
    case tone::word: return "\x1b[35m";
    case tone::error: return "\x1b[31m";
    case tone::faint: return "\x1b[2m";
    }
    return {};
}

std::string_view variable(char const* name)
{
    auto const* const value = std::getenv(name);
    return value != nullptr ? value : "";
}

} // namespace

std::string palette::paint(tone how, std::string_view text) const
{
    if (!on_)
        return std::string{text};
    return std::string{begin_of(how)}.append(text).append("\x1b[0m");
}

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

palette palette_for(int descriptor)
{
    return palette{variable("NO_COLOR").empty() && variable("TERM") != "dumb" && is_terminal(descriptor)};
}

} // namespace oizys::cli
