// SPDX-License-Identifier: BSL-1.0
//
// What an OpenRPC document says, without JSON Schema's many ways to say it: what generators write code from.
#pragma once

#include <oizys/rpc/codec/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oizys::generate
{

/// The type of a value.
struct type
{
    enum class form
    {
        any,
        null,
        boolean,
        integer, ///< from minimum to maximum
        number,
        text,
        binary, ///< base64 in JSON
        time,
        array,    ///< of parts[0]; of `size` elements, if that is not 0
        tuple,    ///< of as many elements as there are parts
        map,      ///< names to parts[0]
        object,   ///< with any members
        optional, ///< parts[0] or null
        choice,   ///< one of parts
        named,    ///< a declaration
    };

    form is = form::any;
    std::vector<type> parts{};
    std::string name{};
    std::size_t size = 0;
    bool integer_names = false; ///< of a map
    std::int64_t minimum = INT64_MIN;
    std::uint64_t maximum = INT64_MAX; ///< at least 0

    friend bool operator==(type const&, type const&) = default;
};

/// A member of a struct, or a parameter.
struct member
{
    std::string name;
    std::string description{};
    generate::type type{};
    bool required = true;
    bool rest = false; ///< a parameter that stands for all that are left, each a `type`
};

struct enumerator
{
    std::string name;
    std::string description{};
    std::int64_t number = 0; ///< if the enumeration is one of numbers
};

/// A type with a name: a struct, an enumeration, or another name for a type.
struct declaration
{
    enum class form
    {
        structure,
        names,   ///< an enumeration of texts
        numbers, ///< an enumeration of numbers
        alias,
    };

    std::string name;
    std::string description{};
    form is = form::structure;
    std::vector<member> members{};
    std::vector<enumerator> enumerators{};
    type aliased{};
};

struct error
{
    std::int64_t code = 0;
    std::string message{};
};

struct method
{
    std::string name;
    std::string description{};
    std::vector<member> parameters{};
    std::string arguments{}; ///< if parameters must be given by name: the declaration with them as members
    type result{};
    std::vector<error> errors{};
};

struct model
{
    std::string title;
    std::string version;
    std::string description{};
    std::vector<declaration> declarations{};
    std::vector<method> methods{};

    declaration const* find(std::string_view name) const noexcept;
};

/// Reads an OpenRPC document, of this or another implementation. Schemas that say more than types can are taken for
/// what their values have in common: `{}` is any value.
/// @throws std::invalid_argument  if that is no OpenRPC document; the message says where.
model read_model(rpc::value const& document);

} // namespace oizys::generate
