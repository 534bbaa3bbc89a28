// SPDX-License-Identifier: BSL-1.0
//
// Any value as JSON for people and scripts. What JSON has no form for has one here: bytes are a string of base64, an
// extension is {"type": n, "data": base64}, a number that is not finite is "NaN", "Infinity" or "-Infinity", and text
// that is not UTF-8 is shown like bytes.
#pragma once

#include "colour.hpp"

#include <oizys/rpc/codec/value.hpp>

#include <string>

namespace oizys::cli
{

/// On one line, without white space. Always JSON.
std::string compact(rpc::value const& v);

/// Over as many lines as it takes, indented; what fits on one line stays on it.
std::string pretty(rpc::value const& v, palette const& colours);

/// How answers are printed on standard output: pretty on a terminal, else compact.
std::string for_stdout(rpc::value const& v, bool always_compact);

} // namespace oizys::cli
