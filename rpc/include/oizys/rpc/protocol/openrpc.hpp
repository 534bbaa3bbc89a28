// SPDX-License-Identifier: BSL-1.0
//
// What a service offers, as an OpenRPC 1.3 document: https://spec.open-rpc.org
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/codec/schema.hpp>
#include <oizys/rpc/protocol/error.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace oizys::rpc
{

/// What is to be known of a service as a whole.
struct service_info
{
    std::string title = "oizys service";
    std::string version = "0";
    std::string description{};
};

struct parameter_description
{
    std::string name{}; ///< empty: it has none, and is given by position
    std::string description{};
    type_description const* type = nullptr; ///< null: anything
    bool required = true;
    std::optional<value> default_value{};
    bool rest = false; ///< stands for all positional parameters that are left, each a `type`
};

struct method_description
{
    std::string name{};
    std::string description{};
    std::vector<parameter_description> parameters{};
    type_description const* result = nullptr; ///< null: anything
    std::vector<error_object> errors{};       ///< that it answers with, besides those of the protocol
};

/// Beyond OpenRPC, a parameter that stands for all that are left has `"x-rest": true`; its schema is that of the array
/// that it is by name. Parameters without names are called p1, p2, ...
OIZYS_API value openrpc_document(service_info const& info, std::span<method_description const> methods);

} // namespace oizys::rpc
