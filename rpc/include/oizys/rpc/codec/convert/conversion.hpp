// SPDX-License-Identifier: BSL-1.0
//
// Where a described struct or enumeration differs on the wire from its description in C++: other names, members
// that stay at home or may be absent, unknown members that are refused, enumerators that are written by name.
#pragma once

#include <span>
#include <string_view>
#include <type_traits>

namespace oizys::rpc
{

/// What is to be known of one member of a described struct, or of one enumerator, besides its description in C++.
struct field
{
    std::string_view member;        ///< its name in C++
    std::string_view name{};        ///< its name on the wire; empty: the same
    std::string_view description{}; ///< for people; becomes part of the schema
    bool skipped = false;           ///< members: neither written nor read
    bool optional = false;          ///< members: one that is absent keeps the value it has
};

/// Specialise it for a type described with BOOST_DESCRIBE_STRUCT or BOOST_DESCRIBE_ENUM; all parts are optional, and
/// a specialisation must be seen before the first conversion of the type.
/// @code
/// template <> struct oizys::rpc::conversion<account>
/// {
///     static constexpr field fields[] = {{.member = "home_dir", .name = "homeDir"},
///                                        {.member = "cache", .skipped = true}};
///     static constexpr bool refuse_unknown_members = true;      // structs; unknown ones are ignored otherwise
///     static constexpr std::string_view name = "Account";       // of its schema
///     static constexpr std::string_view description = "Who may log in";
/// };
/// template <> struct oizys::rpc::conversion<color>
/// {
///     static constexpr bool by_name = true;                     // enumerations; written as numbers otherwise
/// };
/// @endcode
/// The fields of a base class hold for what is derived from it as well, unless that says otherwise.
template <class T>
struct conversion
{
};

namespace detail
{

template <class T>
constexpr std::span<field const> fields_of() noexcept
{
    if constexpr (requires { conversion<T>::fields; })
        return conversion<T>::fields;
    else
        return {};
}

/// What conversion<T> says of a member; one without a name in C++ if it says nothing. A copy, as gcc 12 does not take
/// pointers to fields for constants when it looks for undefined behaviour.
template <class T>
constexpr field find_field(std::string_view member) noexcept
{
    for (field const& f : fields_of<T>())
        if (f.member == member)
            return f;
    return {};
}

constexpr field with_names(field f, std::string_view member) noexcept
{
    f.member = member;
    if (f.name.empty())
        f.name = member;
    return f;
}

/// The field of an enumerator.
template <class E, class Descriptor>
constexpr field enumerator_field() noexcept
{
    return with_names(find_field<E>(Descriptor::name), Descriptor::name);
}

template <class Pointer>
struct owner;
template <class M, class C>
struct owner<M C::*>
{
    using type = C;
};

/// The field of a member of T, which may be a base class's; its name is never empty.
template <class T, class Descriptor>
constexpr field member_field() noexcept
{
    using base = typename owner<std::remove_cv_t<decltype(Descriptor::pointer)>>::type;
    field f = find_field<T>(Descriptor::name);
    if (f.member.empty())
        f = find_field<base>(Descriptor::name);
    return with_names(f, Descriptor::name);
}

template <class T>
constexpr bool refuses_unknown_members() noexcept
{
    if constexpr (requires { conversion<T>::refuse_unknown_members; })
        return conversion<T>::refuse_unknown_members;
    else
        return false;
}

template <class E>
constexpr bool written_by_name() noexcept
{
    if constexpr (requires { conversion<E>::by_name; })
        return conversion<E>::by_name;
    else
        return false;
}

template <class T>
constexpr std::string_view text_about() noexcept
{
    if constexpr (requires { conversion<T>::description; })
        return conversion<T>::description;
    else
        return {};
}

} // namespace detail
} // namespace oizys::rpc
