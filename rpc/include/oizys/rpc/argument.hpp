// SPDX-License-Identifier: BSL-1.0
//
// What is said about a parameter when its method is registered. Its type is that of the function's parameter.
#pragma once

#include <oizys/api.hpp>
#include <oizys/function_ref.hpp>
#include <oizys/rpc/codec/convert/core.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace oizys::rpc
{

/// A parameter's name, what it is for people, and what stands in for it in calls that leave it out.
/// @code
/// service.method("log", {"text", arg("level") = 3}, [](std::string const& text, int level) { ... });
/// @endcode
class OIZYS_API arg
{
public:
    template <std::convertible_to<std::string_view> Name>
    arg(Name const& name, std::string_view description = {}) // NOLINT(google-explicit-constructor)
        : name_{std::string_view{name}}, description_{description}
    {
    }

    /// The same parameter with a default.
    /// @throws std::invalid_argument  if it cannot be encoded.
    template <class Default>
    requires(!std::same_as<Default, arg> && writable<Default>) arg operator=(Default const& value) &&
    {
        set_default([&](writer& out) { write(out, value); });
        return std::move(*this);
    }
    arg(arg const&) = default;
    arg(arg&&) noexcept = default;
    arg& operator=(arg const&) = default;
    arg& operator=(arg&&) noexcept = default;
    ~arg() = default;

    std::string const& name() const noexcept { return name_; }
    std::string const& description() const noexcept { return description_; }
    bool has_default() const noexcept { return !default_.empty(); }
    /// The default as msgpack; empty if there is none.
    std::string const& encoded_default() const noexcept { return default_; }

private:
    void set_default(function_ref<void(writer&)> write);

    std::string name_;
    std::string description_;
    std::string default_; ///< msgpack, as no value of it is empty
};

} // namespace oizys::rpc
