// SPDX-License-Identifier: BSL-1.0
//
// The ways to reach the server that are soaked.
#pragma once

#include "message.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace oizys::soak
{

/// What all processes of a run know.
struct surroundings
{
    std::string self;              ///< this program
    std::string folder;            ///< for sockets and certificates
    std::vector<unsigned> ports{}; ///< of the listeners, in their order; 0 where they have none
};

/// Texts of the endpoints that the server listens on; `{dir}` is the folder.
std::span<char const* const> listeners();

/// One way to connect.
struct kind
{
    char const* name;
    char const* connect; ///< `{dir}`, `{self}` and `{port}` are replaced
    int listener;        ///< whose port; -1: none, because the other end is a child process
    dress as;
};

std::span<kind const> kinds();

/// `text` with what stands in braces replaced.
std::string filled_in(std::string text, surroundings const& where, unsigned port = 0);
std::string connect_text(kind const& k, surroundings const& where);

} // namespace oizys::soak
