// SPDX-License-Identifier: BSL-1.0
#include "introspection.hpp"

#include "core/registry.hpp"

#include <oizys/rpc/codec/msgpack.hpp>
#include <oizys/rpc/handler.hpp>
#include <oizys/rpc/protocol/openrpc.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace oizys::rpc::detail
{
namespace
{

parameter_description describe_parameter(parameter_type const& type, arg const* said)
{
    parameter_description p{
        .type = type.description, .required = !type.optional, .rest = type.how_many != takes::one};
    if (type.how_many == takes::all)
        p.type = nullptr; // an array or an object, whatever is in it
    if (said == nullptr)
        return p;
    p.name = said->name();
    p.description = said->description();
    if (said->has_default())
    {
        p.default_value = from_msgpack<value>(said->encoded_default()).value();
        p.required = false;
    }
    return p;
}

method_description describe_method(method_entry const& method)
{
    method_description out{.name = method.name,
                           .description = method.options.description,
                           .result = method.result,
                           .errors = method.options.errors};
    for (std::size_t i = 0; i < method.types.size(); ++i)
        out.parameters.push_back(describe_parameter(
            method.types[i], i < method.parameters.size() ? &method.parameters[i] : nullptr));
    return out;
}

std::vector<method_entry const*> sorted(method_table const& table)
{
    std::vector<method_entry const*> methods;
    table.for_each([&](method_entry const& m) { methods.push_back(&m); });
    std::ranges::sort(methods, {}, &method_entry::name);
    return methods;
}

std::vector<std::string> names_of(registry const& methods)
{
    auto const table = methods.table();
    std::vector<std::string> names;
    for (auto const* method : sorted(*table))
        names.push_back(method->name);
    return names;
}

template <class Function>
method_entry built_in(std::string name, Function function)
{
    return {.name = std::move(name), .call = handler<Function>::make(std::move(function))};
}

} // namespace

value discover(registry const& methods)
{
    auto const table = methods.table();
    std::vector<method_description> described;
    for (auto const* method : sorted(*table))
        described.push_back(describe_method(*method));
    return openrpc_document(methods.info(), described);
}

// Each is owned by the registry that it refers to.
void add_introspection(registry& methods)
{
    methods.add_built_in(built_in("rpc.discover", [&methods] { return discover(methods); }));
    methods.add_built_in(built_in("system.listMethods", [&methods] { return names_of(methods); }));
}

} // namespace oizys::rpc::detail
