// SPDX-License-Identifier: BSL-1.0
//
// Colours, where there is somebody to see them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace oizys::cli
{

enum class tone : std::uint8_t
{
    name, ///< of a member, of a method
    text, ///< a string
    number,
    word, ///< true, false, null
    error,
    faint,
};

/// Paints, or leaves everything as it is.
class palette
{
public:
    explicit palette(bool on = false) noexcept : on_{on} {}

    bool is_on() const noexcept { return on_; }
    std::string paint(tone how, std::string_view text) const;

private:
    bool on_;
};

/// Colours if the descriptor is a terminal that has some and NO_COLOR (no-color.org) is unset or empty.
palette palette_for(int descriptor);

bool is_terminal(int descriptor);

} // namespace oizys::cli
