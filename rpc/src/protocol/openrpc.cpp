// SPDX-License-Identifier: BSL-1.0
//
// From descriptions of methods to the document.
#include <oizys/rpc/protocol/openrpc.hpp>

#include <algorithm>

namespace oizys::rpc
{
namespace
{

value schema_of(type_description const* type, schemas& all)
{
    return type == nullptr ? object{} : type->make_schema(all);
}

value parameter_object(parameter_description const& p, std::size_t index, schemas& all)
{
    object out{{"name", p.name.empty() ? "p" + std::to_string(index + 1) : p.name}};
    if (!p.description.empty())
        out.push_back("description", p.description);
    out.push_back("required", p.required);
    auto schema = schema_of(p.type, all);
    if (p.rest)
        schema = object{{"type", "array"}, {"items", std::move(schema)}};
    if (p.default_value)
        detail::annotate(schema, "default", *p.default_value);
    out.push_back("schema", std::move(schema));
    if (p.rest)
        out.push_back("x-rest", true);
    return out;
}

value method_object(method_description const& m, schemas& all)
{
    object out{{"name", m.name}};
    if (!m.description.empty())
        out.push_back("description", m.description);
    bool const named = std::ranges::none_of(m.parameters, &std::string::empty, &parameter_description::name);
    out.push_back("paramStructure", named ? "either" : "by-position");
    array parameters;
    for (std::size_t i = 0; i < m.parameters.size(); ++i)
        parameters.push_back(parameter_object(m.parameters[i], i, all));
    out.push_back("params", std::move(parameters));
    out.push_back("result", object{{"name", "result"}, {"schema", schema_of(m.result, all)}});
    if (!m.errors.empty())
    {
        array errors;
        for (auto const& e : m.errors)
        {
            object error{{"code", e.code}, {"message", e.message}};
            if (!e.data.is_null())
                error.push_back("data", e.data);
            errors.push_back(std::move(error));
        }
        out.push_back("errors", std::move(errors));
    }
    return out;
}

} // namespace

value openrpc_document(service_info const& info, std::span<method_description const> methods)
{
    schemas all;
    array described;
    for (auto const& m : methods)
        described.push_back(method_object(m, all));
    object about{{"title", info.title}, {"version", info.version}};
    if (!info.description.empty())
        about.push_back("description", info.description);
    object out{{"openrpc", "1.3.2"}, {"info", std::move(about)}, {"methods", std::move(described)}};
    if (auto components = all.components(); !components.empty())
        out.push_back("components", object{{"schemas", std::move(components)}});
    return out;
}

} // namespace oizys::rpc
