// SPDX-License-Identifier: BSL-1.0
//
// A method as it is registered: what it is called, what it takes, and what serves it.
#pragma once

#include <oizys/api.hpp>
#include <oizys/function.hpp>
#include <oizys/rpc/argument.hpp>
#include <oizys/rpc/parameter.hpp>
#include <oizys/rpc/protocol/error.hpp>

#include <span>
#include <string>
#include <vector>

namespace oizys::rpc
{

class invocation;

/// What may be said of a method besides its parameters.
struct method_options
{
    std::string description{}; ///< for people who look at the service
    bool extra_arguments =
        false; ///< those that the function has no parameter for are ignored rather than refused
    std::vector<error_object> errors{}; ///< that it answers with, for people and generated clients
};

/// A method as service::methods() lists it.
struct method_info
{
    std::string name;
    std::string description;
    std::vector<arg> parameters; ///< none if it was registered without
};

namespace detail
{

struct method_entry
{
    std::string name;
    std::vector<arg> parameters{}; ///< none, or one for each of types
    method_options options{};
    std::span<parameter_type const> types{};
    type_description const* result = nullptr;
    /// Decodes the arguments, runs the user's function and answers, on the executor of the peer that is called.
    mutable unique_function<void(invocation&, method_entry const&)> call{};
};

/// Whether `parameters` fit the function of `method`; `targets` has room for a value of each type.
/// @throws std::invalid_argument  if there are more or fewer than it has, two have the same name, or a default is not
///                                of its parameter's type.
OIZYS_API void check_parameters(method_entry const& method, void* const* targets);

} // namespace detail
} // namespace oizys::rpc
