// SPDX-License-Identifier: BSL-1.0
//
// The parts of JSON Schema that types are made of, and the names of components.
#include <oizys/rpc/codec/schema.hpp>

#include <algorithm>

namespace oizys::rpc
{
namespace
{

// OpenRPC, "Components Object": ^[a-zA-Z0-9\.\-_]+$
std::string component_name(std::string_view qualified)
{
    std::string out;
    for (char const c : qualified)
    {
        bool const allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                             c == '.' || c == '-' || c == '_';
        if (allowed)
            out += c;
        else if (!out.empty() && out.back() != '_')
            out += '_';
    }
    while (out.size() > 1 && out.back() == '_')
        out.pop_back();
    return out.empty() ? "type" : out;
}

// What stands behind the last :: that is not within <>.
std::string_view last_part(std::string_view qualified)
{
    auto const arguments = std::min(qualified.find('<'), qualified.size());
    auto const colons = qualified.substr(0, arguments).rfind("::");
    return colons == std::string_view::npos ? qualified : qualified.substr(colons + 2);
}

} // namespace

bool schemas::has(std::string_view name) const noexcept
{
    return std::ranges::find(components_, name, &component::name) != components_.end();
}

std::string schemas::choose_name(std::string_view qualified, std::string_view wanted) const
{
    auto name = component_name(wanted.empty() ? last_part(qualified) : wanted);
    if (has(name))
        name = component_name(qualified);
    auto const base = name;
    for (int i = 2; has(name); ++i)
        name = base + '_' + std::to_string(i);
    return name;
}

value schemas::refer(std::type_info const& type, std::string_view qualified, std::string_view wanted,
                     value (*make)(schemas&))
{
    auto found = std::ranges::find_if(components_, [&](component const& c) { return *c.type == type; });
    auto const index = static_cast<std::size_t>(found - components_.begin());
    if (found == components_.end())
    {
        components_.push_back(
            {&type, choose_name(qualified, wanted), {}}); // before its members, which may refer to it
        auto schema = make(*this);
        components_[index].schema = std::move(schema);
    }
    return object{{"$ref", "#/components/schemas/" + components_[index].name}};
}

object schemas::components() const
{
    std::vector<component const*> sorted;
    for (auto const& c : components_)
        sorted.push_back(&c);
    std::ranges::sort(sorted, {}, &component::name);
    object out;
    for (auto const* c : sorted)
        out.push_back(c->name, c->schema);
    return out;
}

namespace detail
{

void annotate(value& schema, std::string_view key, value what)
{
    if (!std::as_const(schema)["$ref"].is_null()) // what stands beside it does not count
        schema = object{{"allOf", array{std::move(schema)}}};
    schema[key] = std::move(what);
}

value schema_of_type(char const* type) { return object{{"type", type}}; }

value schema_of_integer(std::size_t size, bool is_signed)
{
    object out{{"type", "integer"}};
    if (!is_signed)
        out.push_back("minimum", 0);
    if (size >= sizeof(std::int64_t))
        return out;
    auto const bits = 8 * size - (is_signed ? 1 : 0);
    auto const most = (std::int64_t{1} << bits) - 1;
    if (is_signed)
        out.push_back("minimum", -most - 1);
    out.push_back("maximum", most);
    return out;
}

value schema_of_text(char const* key, value what)
{
    object out{{"type", "string"}};
    if (key == std::string_view{"maxLength"})
        out.push_back("minLength", what);
    out.push_back(key, std::move(what));
    return out;
}

value schema_of_array(value items, std::size_t least, std::size_t most, bool unique)
{
    object out{{"type", "array"}, {"items", std::move(items)}};
    if (least != 0)
        out.push_back("minItems", least);
    if (most != SIZE_MAX)
        out.push_back("maxItems", most);
    if (unique)
        out.push_back("uniqueItems", true);
    return out;
}

value schema_of_tuple(array items)
{
    auto const size = items.size();
    object out{{"type", "array"}};
    if (size != 0) // draft 7 wants at least one
        out.push_back("items", std::move(items));
    out.push_back("minItems", size);
    out.push_back("maxItems", size);
    return out;
}

value schema_of_map(value elements, bool integer_names)
{
    object out{{"type", "object"}, {"additionalProperties", std::move(elements)}};
    if (integer_names)
        out.push_back("propertyNames", object{{"pattern", "^-?[0-9]+$"}});
    return out;
}

value schema_of_any(array alternatives) { return object{{"anyOf", std::move(alternatives)}}; }

value schema_of_duration(value count, std::intmax_t num, std::intmax_t den)
{
    struct unit
    {
        std::intmax_t num, den;
        char const* name;
    };
    static constexpr unit units[] = {{1, 1'000'000'000, "nanoseconds"},
                                     {1, 1'000'000, "microseconds"},
                                     {1, 1000, "milliseconds"},
                                     {1, 1, "seconds"},
                                     {60, 1, "minutes"},
                                     {3600, 1, "hours"},
                                     {86400, 1, "days"}};
    auto name = "units of " + std::to_string(num) + '/' + std::to_string(den) + " seconds";
    for (auto const& u : units)
        if (u.num == num && u.den == den)
            name = u.name;
    count["description"] = "a duration in " + name;
    return count;
}

value schema_of_struct(schemas& all, std::string_view description, std::span<described_member const> members,
                       bool refuse_unknown)
{
    object properties;
    array required;
    for (auto const& m : members)
    {
        auto schema = m.make_schema(all);
        if (!m.description.empty())
            annotate(schema, "description", m.description);
        properties.push_back(std::string{m.name}, std::move(schema));
        if (m.required)
            required.emplace_back(m.name);
    }
    object out{{"type", "object"}};
    if (!description.empty())
        out.push_back("description", description);
    out.push_back("properties", std::move(properties));
    if (!required.empty())
        out.push_back("required", std::move(required));
    if (refuse_unknown)
        out.push_back("additionalProperties", false);
    return out;
}

value schema_of_enum(std::string_view description, std::span<described_enumerator const> enumerators,
                     bool by_name)
{
    object out{{"type", by_name ? "string" : "integer"}};
    if (!description.empty())
        out.push_back("description", description);
    array choices;
    for (auto const& e : enumerators)
    {
        object choice{{"const", by_name ? value{e.name} : e.number}, {"title", e.name}};
        if (!e.description.empty())
            choice.push_back("description", e.description);
        choices.push_back(std::move(choice));
    }
    out.push_back("oneOf", std::move(choices));
    return out;
}

} // namespace detail
} // namespace oizys::rpc
