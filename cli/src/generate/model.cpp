// SPDX-License-Identifier: BSL-1.0
//
// From JSON Schema (draft 7, as OpenRPC uses it) to types.
#include "generate/model.hpp"

#include "generate/names.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace oizys::generate
{
namespace
{

using form = type::form;

// Deeper than anybody's types, and far from the end of the stack.
constexpr int deepest = 64;

std::string text_of(rpc::value const& v)
{
    auto const* text = v.get_if<std::string>();
    return text == nullptr ? std::string{} : *text;
}

[[noreturn]] void refuse(std::string const& what)
{
    throw std::invalid_argument{"not an OpenRPC document: " + what};
}

class document_reader
{
public:
    explicit document_reader(rpc::value const& document) : document_{document} {}

    model read()
    {
        if (text_of(document_["openrpc"]).empty())
            refuse("it has no member \"openrpc\"");
        if (document_["methods"].get_if<rpc::array>() == nullptr)
            refuse("its member \"methods\" is no array");
        auto const& info = document_["info"];
        out_.title = text_of(info["title"]);
        out_.version = text_of(info["version"]);
        out_.description = text_of(info["description"]);
        auto const* components = document_["components"]["schemas"].get_if<rpc::object>();
        if (components != nullptr)
        {
            for (auto const& component : *components)
                names_.take(component.first);
            for (auto const& [name, schema] : *components)
                declare(name, schema);
        }
        for (auto const& m : *document_["methods"].get_if<rpc::array>())
            out_.methods.push_back(read_method(resolved(m)));
        return std::move(out_);
    }

private:
    // Follows a reference into the document; to anything else there is none.
    rpc::value const& resolved(rpc::value const& v) const
    {
        auto const* at = &v;
        for (int i = 0; i < deepest; ++i)
        {
            auto const path = text_of((*at)["$ref"]);
            if (path.empty())
                return *at;
            if (!path.starts_with("#/"))
                refuse("it refers to \"" + path + "\", which is not in it");
            at = &document_;
            for (std::size_t from = 2; from <= path.size();)
            {
                auto const to = std::min(path.find('/', from), path.size());
                at = &(*at)[std::string_view{path}.substr(from, to - from)];
                from = to + 1;
            }
            if (at->is_null())
                refuse("there is no \"" + path + "\" in it");
        }
        refuse("references go in a circle");
    }

    method read_method(rpc::value const& v)
    {
        method m{.name = text_of(v["name"]), .description = text_of(v["description"])};
        if (m.name.empty())
            refuse("a method has no name");
        if (m.description.empty())
            m.description = text_of(v["summary"]);
        bool const by_name = v["paramStructure"] == rpc::value{"by-name"};
        if (auto const* parameters = v["params"].get_if<rpc::array>())
            for (auto const& p : *parameters)
                m.parameters.push_back(read_parameter(resolved(p), m.name));
        // One that must be there behind one that need not: by position, none of them may be left out.
        bool needed = false;
        for (auto p = m.parameters.rbegin(); p != m.parameters.rend() && !by_name; ++p)
            p->required = needed = (needed || p->required) && !p->rest;
        if (by_name && !m.parameters.empty())
        {
            m.arguments = names_.take(m.name + "_arguments");
            out_.declarations.push_back({.name = m.arguments, .members = m.parameters});
        }
        m.result = v["result"].is_null() ? type{.is = form::null}
                                         : read_type(resolved(v["result"])["schema"], m.name + "_result", 0);
        if (auto const* errors = v["errors"].get_if<rpc::array>())
            for (auto const& e : *errors)
                if (auto const* code = resolved(e)["code"].get_if<std::int64_t>())
                    m.errors.push_back({*code, text_of(resolved(e)["message"])});
        return m;
    }

    member read_parameter(rpc::value const& v, std::string const& method_name)
    {
        member p{.name = text_of(v["name"]), .description = text_of(v["description"])};
        if (p.name.empty())
            refuse("a parameter of the method \"" + method_name + "\" has no name");
        p.required = v["required"] == rpc::value{true};
        p.rest = v["x-rest"] == rpc::value{true};
        p.type = read_type(v["schema"], method_name + '_' + p.name, 0);
        if (p.rest && p.type.is == form::array)
            p.type = type{p.type.parts.front()};
        return p;
    }

    /// Makes a declaration, and returns its place.
    void declare(std::string const& name, rpc::value const& schema)
    {
        declaration d{.name = name, .description = text_of(schema["description"])};
        if (read_enumerators(schema, d))
            ;
        else if (schema["properties"].get_if<rpc::object>() != nullptr)
            read_members(schema, d);
        else
        {
            d.is = declaration::form::alias;
            d.aliased = read_type(schema, name, 1);
        }
        out_.declarations.push_back(std::move(d));
    }

    void read_members(rpc::value const& schema, declaration& d)
    {
        auto const* required = schema["required"].get_if<rpc::array>();
        for (auto const& [name, s] : *schema["properties"].get_if<rpc::object>())
        {
            member m{.name = name, .description = text_of(s["description"])};
            m.type = read_type(s, d.name + '_' + name, 1);
            m.required =
                required != nullptr && std::ranges::find(*required, rpc::value{name}) != required->end();
            d.members.push_back(std::move(m));
        }
    }

    // An enumeration is an `enum` of texts, or a choice between constants that have titles.
    static bool read_enumerators(rpc::value const& schema, declaration& d)
    {
        if (auto const* names = schema["enum"].get_if<rpc::array>())
        {
            for (auto const& n : *names)
                if (auto const text = text_of(n); !text.empty())
                    d.enumerators.push_back({text});
            d.is = declaration::form::names;
            return !names->empty() && d.enumerators.size() == names->size();
        }
        auto const* choices = schema["oneOf"].get_if<rpc::array>();
        if (choices == nullptr || choices->empty())
            return false;
        std::size_t numbers = 0;
        for (auto const& c : *choices)
        {
            auto const* number = c["const"].get_if<std::int64_t>();
            auto const name = number != nullptr ? text_of(c["title"]) : text_of(c["const"]);
            if (name.empty())
                return d.enumerators.clear(), false;
            numbers += number != nullptr;
            d.enumerators.push_back({name, text_of(c["description"]), number != nullptr ? *number : 0});
        }
        d.is = numbers == 0 ? declaration::form::names : declaration::form::numbers;
        return numbers == 0 || numbers == choices->size() || (d.enumerators.clear(), false);
    }

    /// `name` is for what has none: a struct within a struct, say.
    type read_type(rpc::value const& schema, std::string const& name, int depth)
    {
        if (depth > deepest)
            refuse("schemas are nested too deep");
        if (auto const path = text_of(schema["$ref"]); !path.empty())
            return read_reference(path, schema);
        if (auto const* all = schema["allOf"].get_if<rpc::array>(); all != nullptr && all->size() == 1)
            return read_type(all->front(), name, depth + 1);
        for (auto const* key : {"anyOf", "oneOf"})
            if (auto const* choices = schema[key].get_if<rpc::array>();
                choices != nullptr && !choices->empty())
                if (auto const* first = (*choices)[0]["const"].get_if<std::int64_t>();
                    first == nullptr && (*choices)[0]["const"].is_null())
                    return read_choice(*choices, name, depth);
        if (auto const* types = schema["type"].get_if<rpc::array>())
        {
            rpc::array choices;
            for (auto const& t : *types)
            {
                auto one = schema;
                one["type"] = t;
                choices.push_back(std::move(one));
            }
            return read_choice(choices, name, depth);
        }
        if (declaration d; read_enumerators(schema, d) || schema["properties"].size() != 0)
        {
            auto const own = names_.take(name);
            declare(own, schema);
            return {.is = form::named, .name = own};
        }
        return read_simple(schema, name, depth);
    }

    type read_reference(std::string const& path, rpc::value const& schema)
    {
        constexpr std::string_view components = "#/components/schemas/";
        auto const& target = resolved(schema);
        if (path.starts_with(components) && path.find('/', components.size()) == std::string::npos)
            return {.is = form::named, .name = path.substr(components.size())};
        // What stands elsewhere gets a name as well, as it may refer to itself.
        auto& name = elsewhere_[path];
        if (name.empty())
        {
            name = names_.take(path.substr(path.rfind('/') + 1));
            auto const own = name;
            declare(own, target);
            return {.is = form::named, .name = own};
        }
        return {.is = form::named, .name = name};
    }

    type read_choice(rpc::array const& choices, std::string const& name, int depth)
    {
        type out{.is = form::choice};
        bool nullable = false;
        for (std::size_t i = 0; i < choices.size(); ++i)
        {
            auto const part =
                read_type(choices[i], i == 0 ? name : name + '_' + std::to_string(i + 1), depth + 1);
            if (part.is == form::any)
                return {};
            nullable |= part.is == form::null || part.is == form::optional;
            auto const& inner = part.is == form::optional ? part.parts.front() : part;
            if (inner.is != form::null && std::ranges::find(out.parts, inner) == out.parts.end())
                out.parts.push_back(inner);
        }
        if (out.parts.empty())
            return {.is = form::null};
        if (out.parts.size() == 1)
            out = type{out.parts.front()};
        if (nullable)
            out = type{.is = form::optional, .parts = {out}};
        return out;
    }

    type read_simple(rpc::value const& schema, std::string const& name, int depth)
    {
        auto const is = text_of(schema["type"]);
        if (is == "null")
            return {.is = form::null};
        if (is == "boolean")
            return {.is = form::boolean};
        if (is == "integer")
            return read_integer(schema);
        if (is == "number")
            return {.is = form::number};
        if (is == "string")
        {
            if (text_of(schema["contentEncoding"]) == "base64")
                return {.is = form::binary};
            return {.is = text_of(schema["format"]) == "date-time" ? form::time : form::text};
        }
        if (is == "array")
            return read_array(schema, name, depth);
        if (is == "object")
        {
            if (schema["additionalProperties"].get_if<rpc::object>() == nullptr)
                return {.is = form::object};
            return {.is = form::map,
                    .parts = {read_type(schema["additionalProperties"], name + "_value", depth + 1)},
                    .integer_names = text_of(schema["propertyNames"]["pattern"]) == "^-?[0-9]+$"};
        }
        return {};
    }

    static type read_integer(rpc::value const& schema)
    {
        type out{.is = form::integer};
        if (auto const* least = schema["minimum"].get_if<std::int64_t>())
            out.minimum = *least;
        if (out.minimum >= 0)
            out.maximum = UINT64_MAX;
        if (auto const* most = schema["maximum"].get_if<std::int64_t>(); most != nullptr && *most >= 0)
            out.maximum = static_cast<std::uint64_t>(*most);
        return out;
    }

    type read_array(rpc::value const& schema, std::string const& name, int depth)
    {
        auto const& items = schema["items"];
        auto const& least = schema["minItems"];
        bool const fixed = !least.is_null() && least == schema["maxItems"];
        if (auto const* each = items.get_if<rpc::array>(); each != nullptr && fixed)
        {
            type out{.is = form::tuple};
            for (std::size_t i = 0; i < each->size(); ++i)
                out.parts.push_back(read_type((*each)[i], name + '_' + std::to_string(i + 1), depth + 1));
            return out;
        }
        if (fixed && least == rpc::value{0})
            return {.is = form::tuple};
        type out{.is = form::array, .parts = {read_type(items, name + "_item", depth + 1)}};
        if (auto const* size = least.get_if<std::int64_t>(); fixed && size != nullptr && *size > 0)
            out.size = static_cast<std::size_t>(*size);
        return out;
    }

    rpc::value const& document_;
    model out_;
    scope names_;
    std::map<std::string, std::string> elsewhere_; ///< names of what is referred to and is no component
};

} // namespace

declaration const* model::find(std::string_view name) const noexcept
{
    auto const found = std::ranges::find(declarations, name, &declaration::name);
    return found == declarations.end() ? nullptr : &*found;
}

model read_model(rpc::value const& document) { return document_reader{document}.read(); }

} // namespace oizys::generate
