// SPDX-License-Identifier: BSL-1.0
//
// What a server tells about itself: the names of its methods, and its OpenRPC document as text for people.
#pragma once

#include <oizys/rpc/codec/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oizys::cli
{

/// The names in an answer of system.listMethods, an array of strings, or in an OpenRPC document; nothing if it is
/// neither.
std::optional<std::vector<std::string>> method_names(rpc::value const& answer);

/// One line for each method, `add(a: integer, b: integer = 2) -> integer`, and what is said about it, indented.
/// With `only`, that method alone; nothing if it is not there, or if `document` has no methods.
std::optional<std::string> describe(rpc::value const& document, std::string_view only = {});

/// A schema of JSON Schema in a few words: `integer`, `[string]`, `{name: string, age?: integer}`, `Point`.
std::string describe_schema(rpc::value const& schema);

} // namespace oizys::cli
