// SPDX-License-Identifier: BSL-1.0
//
// Conversion of structs described with BOOST_DESCRIBE_STRUCT: a table of members, made at compile time, that
// compiled code walks. A struct costs a user's file one small function per member.
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/codec/convert/conversion.hpp>
#include <oizys/rpc/codec/convert/core.hpp>

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <span>
#include <string_view>
#include <type_traits>

namespace oizys::rpc
{
namespace detail
{

/// One member of a struct whose type is known to these functions only.
struct member
{
    std::string_view name;
    bool (*read)(reader& in, void* object);
    void (*write)(writer& out, void const* object);
    bool (*present)(void const* object); ///< null: always; for members that may be empty
    bool required;                       ///< must be there when it is read
};

OIZYS_API bool read_members(reader& in, void* object, std::span<member const> members, bool refuse_unknown);
OIZYS_API void write_members(writer& out, void const* object, std::span<member const> members);

template <class T>
concept described_struct = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;

template <class T>
concept may_be_absent = requires(T const& v)
{
    v.has_value();
    typename T::value_type;
};

template <class T, class Descriptor>
constexpr member make_member()
{
    using type = std::remove_cvref_t<decltype(std::declval<T&>().*Descriptor::pointer)>;
    constexpr field f = member_field<T, Descriptor>();
    member m{
        .name = f.name,
        .read = [](reader& in,
                   void* object) { return rpc::read(in, static_cast<T*>(object)->*Descriptor::pointer); },
        .write =
            [](writer& out, void const* object) {
                rpc::write(out, static_cast<T const*>(object)->*Descriptor::pointer);
            },
        .present = nullptr,
        .required = !f.optional && !may_be_absent<type>,
    };
    if constexpr (may_be_absent<type>)
        m.present = [](void const* object) {
            return (static_cast<T const*>(object)->*Descriptor::pointer).has_value();
        };
    return m;
}

template <class T, class... Descriptor>
constexpr std::array<member, sizeof...(Descriptor)> make_members(boost::mp11::mp_list<Descriptor...>)
{
    return {make_member<T, Descriptor>()...};
}

template <class T>
struct is_converted
{
    template <class Descriptor>
    using fn = boost::mp11::mp_bool<!member_field<T, Descriptor>().skipped>;
};

/// The public members, those of described base classes first.
template <class T>
using described_members = boost::mp11::mp_rename<
    boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>,
    boost::mp11::mp_list>;

/// Those of them that cross the wire.
template <class T>
using converted_members = boost::mp11::mp_copy_if_q<described_members<T>, is_converted<T>>;

/// Whether each field of conversion<T> is a member.
template <class T, class... Descriptor>
constexpr bool fields_exist(boost::mp11::mp_list<Descriptor...>)
{
    for (field const& f : fields_of<T>())
        if (!((f.member == Descriptor::name) || ...))
            return false;
    return true;
}

template <std::size_t N>
constexpr bool names_differ(std::array<member, N> const& members)
{
    for (std::size_t i = 0; i < N; ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (members[i].name == members[k].name)
                return false;
    return true;
}

template <class T>
constexpr auto make_checked_members()
{
    static_assert(fields_exist<T>(described_members<T>{}),
                  "conversion<T> names a member that T does not have");
    return make_members<T>(converted_members<T>{});
}

template <class T>
inline constexpr auto members_of = make_checked_members<T>();

} // namespace detail

/// Written as an object. Read from an object (names in any order; unknown names are skipped, the last of
/// equal names counts; every member but a std::optional must be there) or from an array of all members in
/// their order. A specialisation of conversion<T> gives other names and rules.
template <detail::described_struct T>
struct codec<T>
{
    static bool read(reader& in, T& out)
    {
        static_assert(detail::names_differ(detail::members_of<T>),
                      "two members have the same name on the wire");
        return detail::read_members(in, &out, detail::members_of<T>, detail::refuses_unknown_members<T>());
    }
    static void write(writer& out, T const& v) { detail::write_members(out, &v, detail::members_of<T>); }
    static constexpr bool accepts(kind k) { return k == kind::object || k == kind::array; }
};

} // namespace oizys::rpc
