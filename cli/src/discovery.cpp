// SPDX-License-Identifier: BSL-1.0
//
// The document comes from a stranger: whatever is not as OpenRPC says is left out.
#include "discovery.hpp"

#include "print_value.hpp"
#include "text.hpp"

namespace oizys::cli
{
namespace
{

std::string_view text_of(rpc::value const& v)
{
    auto const* const text = v.get_if<std::string>();
    return text != nullptr ? std::string_view{*text} : std::string_view{};
}

rpc::array const& array_of(rpc::value const& v)
{
    static rpc::array const none;
    auto const* const found = v.get_if<rpc::array>();
    return found != nullptr ? *found : none;
}

bool is_true(rpc::value const& v)
{
    auto const* const found = v.get_if<bool>();
    return found != nullptr && *found;
}

/// The last part of a reference: `#/components/schemas/Point`.
std::string name_of_reference(std::string_view reference)
{
    return one_line(reference.substr(reference.rfind('/') + 1));
}

std::string joined(rpc::array const& elements, std::string_view between,
                   std::string (*text)(rpc::value const&))
{
    std::string out;
    for (auto const& element : elements)
        out.append(out.empty() ? std::string_view{} : between).append(text(element));
    return out;
}

std::string describe_object(rpc::value const& schema)
{
    auto const* const members = schema["properties"].get_if<rpc::object>();
    if (members == nullptr || members->empty())
        return "object";
    auto const required = [&](std::string_view name) {
        for (auto const& one : array_of(schema["required"]))
        {
            if (text_of(one) == name)
                return true;
        }
        return false;
    };
    std::string out;
    for (auto const& [name, member] : *members)
    {
        out += out.empty() ? "{" : ", ";
        out += one_line(name) + (required(name) ? ": " : "?: ") + describe_schema(member);
    }
    return out + '}';
}

std::string describe_type(rpc::value const& type) { return one_line(text_of(type)); }

std::string describe_parameter(rpc::value const& parameter)
{
    auto const& schema = parameter["schema"];
    bool const optional = !is_true(parameter["required"]);
    auto const* const members = schema.get_if<rpc::object>();
    bool const has_default = members != nullptr && members->contains("default");
    auto out = one_line(text_of(parameter["name"])) + (optional && !has_default ? "?: " : ": ") +
               describe_schema(schema);
    if (has_default)
        out += " = " + compact(schema["default"]);
    return out;
}

std::string describe_error(rpc::value const& error)
{
    return compact(error["code"]) + ' ' + one_line(text_of(error["message"]));
}

void add_line(std::string& out, std::string const& text)
{
    if (!text.empty())
        out += "    " + text + '\n';
}

std::string describe_method(rpc::value const& method)
{
    auto out = one_line(text_of(method["name"])) + '(' +
               joined(array_of(method["params"]), ", ", describe_parameter) + ')';
    if (!method["result"].is_null())
        out += " -> " + describe_schema(method["result"]["schema"]);
    out += '\n';
    add_line(out, one_line(text_of(method["summary"])));
    if (text_of(method["description"]) != text_of(method["summary"]))
        add_line(out, one_line(text_of(method["description"])));
    for (auto const& parameter : array_of(method["params"]))
    {
        if (auto const told = text_of(parameter["description"]); !told.empty())
            add_line(out, one_line(text_of(parameter["name"])) + ": " + one_line(told));
    }
    if (auto const& errors = array_of(method["errors"]); !errors.empty())
        add_line(out, "errors: " + joined(errors, ", ", describe_error));
    return out;
}

} // namespace

std::string describe_schema(rpc::value const& schema)
{
    if (auto const reference = text_of(schema["$ref"]); !reference.empty())
        return name_of_reference(reference);
    for (auto const* const choice : {"anyOf", "oneOf"})
    {
        if (auto const& several = array_of(schema[choice]); !several.empty())
            return joined(several, " | ", describe_schema);
    }
    if (auto const& values = array_of(schema["enum"]); !values.empty())
        return joined(values, " | ", compact);
    if (auto const& several = array_of(schema["type"]); !several.empty())
        return joined(several, " | ", describe_type);
    auto const type = text_of(schema["type"]);
    if (type == "array")
        return '[' + describe_schema(schema["items"]) + ']';
    if (type == "object")
        return describe_object(schema);
    return type.empty() ? "any" : one_line(type);
}

std::optional<std::vector<std::string>> method_names(rpc::value const& answer)
{
    bool const is_document = answer.kind() == rpc::kind::object;
    auto const* const methods = (is_document ? answer["methods"] : answer).get_if<rpc::array>();
    if (methods == nullptr)
        return std::nullopt;
    std::vector<std::string> names;
    for (auto const& method : *methods)
    {
        if (auto const name = text_of(is_document ? method["name"] : method); !name.empty())
            names.emplace_back(name);
    }
    return names;
}

std::optional<std::string> describe(rpc::value const& document, std::string_view only)
{
    auto const* const methods = document["methods"].get_if<rpc::array>();
    if (methods == nullptr)
        return std::nullopt;
    std::optional<std::string> out;
    if (only.empty())
        out.emplace();
    for (auto const& method : *methods)
    {
        if (only.empty() || text_of(method["name"]) == only)
            out = out.value_or("") + describe_method(method);
    }
    return out;
}

} // namespace oizys::cli
