// SPDX-License-Identifier: BSL-1.0
//
// Names, order and spelling of C++ types.
#include "generate/cpp_types.hpp"

#include <algorithm>
#include <set>

namespace oizys::generate
{
namespace
{

using form = type::form;

/// What a std::variant tells alternatives apart by.
char kind_of(type const& t)
{
    switch (t.is)
    {
    case form::null: return 'n';
    case form::boolean: return 'b';
    case form::integer: return 'i';
    case form::number: return 'f';
    case form::text:
    case form::time: return 's';
    case form::binary: return 'x';
    case form::array:
    case form::tuple: return 'a';
    case form::map:
    case form::object: return 'o';
    case form::any:
    case form::optional:
    case form::choice:
    case form::named: break;
    }
    return '?';
}

} // namespace

cpp_types::cpp_types(model const& m, std::string name_space) : model_{m}, namespace_{std::move(name_space)}
{
    scope names{{"client", "blocking_client", namespace_}};
    for (auto const& d : m.declarations)
    {
        names_.emplace(d.name, names.take(identifier(d.name, language::cpp)));
        std::set<std::string> seen;
        if (d.is == declaration::form::alias && leads_to_itself(d, d.aliased, seen))
            endless_.insert(d.name);
    }
    for (auto const& d : m.declarations)
        place(d);
}

bool cpp_types::leads_to_itself(declaration const& alias, type const& t, std::set<std::string>& seen) const
{
    auto const* d = t.is == form::named ? model_.find(t.name) : nullptr;
    if (d == &alias)
        return true;
    if (d != nullptr && d->is == declaration::form::alias && seen.insert(d->name).second &&
        leads_to_itself(alias, d->aliased, seen))
        return true;
    return std::ranges::any_of(t.parts, [&](type const& part) { return leads_to_itself(alias, part, seen); });
}

void cpp_types::place_parts(type const& t)
{
    if (auto const* d = t.is == form::named ? model_.find(t.name) : nullptr)
        place(*d);
    for (auto const& part : t.parts)
        place_parts(part);
}

void cpp_types::place(declaration const& d)
{
    if (!placed_.insert(d.name).second)
        return;
    for (auto const& m : d.members)
        place_parts(m.type);
    place_parts(d.aliased);
    if (d.is != declaration::form::alias)
        ordered_.push_back(&d);
}

type const& cpp_types::resolved(type const& t) const
{
    static type const anything{};
    auto const* at = &t;
    while (at->is == form::named)
    {
        auto const* d = model_.find(at->name);
        if (d == nullptr || endless_.contains(d->name))
            return anything;
        if (d->is != declaration::form::alias)
            break;
        at = &d->aliased;
    }
    return *at;
}

std::string cpp_types::member_text(declaration const& holder, member const& m) const
{
    complete_.clear();
    for (auto const* d : ordered_)
    {
        if (d == &holder)
            break;
        complete_.insert(d->name);
    }
    return optional_text(m.type, m.required, false);
}

std::string cpp_types::choice_text(type const& t, bool all_complete) const
{
    std::set<char> kinds;
    std::set<std::string> texts;
    std::string out = "std::variant<";
    for (auto const& part : t.parts)
    {
        auto const& inner = resolved(part);
        auto kind = kind_of(inner);
        if (inner.is == form::named)
            kind = model_.find(inner.name)->is == declaration::form::structure ? 'o'
                   : model_.find(inner.name)->is == declaration::form::names   ? 's'
                                                                               : 'i';
        // An integer is taken for a number when that comes first.
        bool const clear = kind != '?' && kinds.insert(kind).second &&
                           !(kind == 'i' && kinds.contains('f')) && !(kind == 'x' && kinds.contains('s')) &&
                           !(kind == 's' && kinds.contains('x')) &&
                           texts.insert(text(inner, all_complete)).second;
        if (!clear)
            return "oizys::rpc::value";
        out += (out.ends_with('<') ? "" : ", ") + text(inner, all_complete);
    }
    return out + '>';
}

std::string cpp_types::text(type const& named, bool all_complete) const
{
    auto const& t = resolved(named);
    switch (t.is)
    {
    case form::any: return "oizys::rpc::value";
    case form::null: return "std::monostate";
    case form::boolean: return "bool";
    case form::integer:
        if (t.minimum < 0 && t.minimum >= INT32_MIN && t.maximum <= INT32_MAX)
            return t.minimum >= INT8_MIN && t.maximum <= INT8_MAX     ? "std::int8_t"
                   : t.minimum >= INT16_MIN && t.maximum <= INT16_MAX ? "std::int16_t"
                                                                      : "std::int32_t";
        if (t.minimum < 0)
            return "std::int64_t";
        return t.maximum <= UINT8_MAX    ? "std::uint8_t"
               : t.maximum <= UINT16_MAX ? "std::uint16_t"
               : t.maximum <= UINT32_MAX ? "std::uint32_t"
                                         : "std::uint64_t";
    case form::number: return "double";
    case form::text: return "std::string";
    case form::binary: return "oizys::rpc::bytes";
    case form::time: return "std::chrono::system_clock::time_point";
    case form::array:
        if (t.size != 0)
            return "std::array<" + text(t.parts[0], all_complete) + ", " + std::to_string(t.size) + '>';
        return "std::vector<" + text(t.parts[0], true) + '>';
    case form::tuple:
    {
        std::string out = "std::tuple<";
        for (auto const& part : t.parts)
            out += (out.ends_with('<') ? "" : ", ") + text(part, all_complete);
        return out + '>';
    }
    case form::map:
        return std::string{"std::map<"} + (t.integer_names ? "std::int64_t" : "std::string") + ", " +
               text(t.parts[0], true) + '>';
    case form::object: return "oizys::rpc::object";
    case form::optional: return optional_text(t.parts[0], false, all_complete);
    case form::choice: return choice_text(t, all_complete);
    case form::named:
        if (all_complete || complete_.contains(t.name) ||
            model_.find(t.name)->is != declaration::form::structure)
            return namespace_ + "::" + names_.at(t.name);
        break;
    }
    return "oizys::rpc::value";
}

std::string cpp_types::optional_text(type const& t, bool required, bool all_complete) const
{
    auto const& inner = resolved(t);
    auto const spelt = text(inner, all_complete);
    return required || inner.is == form::optional ? spelt : "std::optional<" + spelt + '>';
}

bool cpp_types::is_small(type const& t) const
{
    auto const& inner = resolved(t);
    switch (inner.is)
    {
    case form::null:
    case form::boolean:
    case form::integer:
    case form::number:
    case form::time: return true;
    case form::optional: return is_small(inner.parts[0]);
    case form::named: return model_.find(inner.name)->is != declaration::form::structure;
    default: return false;
    }
}

} // namespace oizys::generate
