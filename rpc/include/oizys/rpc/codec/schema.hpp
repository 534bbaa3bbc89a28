// SPDX-License-Identifier: BSL-1.0
//
// C++ types as JSON Schema (draft 7, which OpenRPC uses): what a value looks like in JSON. Structs and described
// enumerations are components, which others refer to by name.
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/codec/convert.hpp>
#include <oizys/rpc/codec/value.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

namespace oizys::rpc
{

class schemas;

/// A type that can be asked for its schema; see `description_of`.
struct type_description
{
    value (*make_schema)(schemas& all);
};

/// Collects the components that schemas refer to as `#/components/schemas/NAME`.
class OIZYS_API schemas
{
public:
    /// The schema of a T.
    template <class T>
    value of();

    /// Refers to the component of a type, and makes it if it is not there yet; a type may refer to itself.
    /// `qualified` is the type's name in C++; if `wanted` is empty, the component is named after its last part.
    value refer(std::type_info const& type, std::string_view qualified, std::string_view wanted,
                value (*make)(schemas&));

    /// Name and schema of each component so far, in the order of their names.
    object components() const;

private:
    struct component
    {
        std::type_info const* type;
        std::string name;
        value schema;
    };

    bool has(std::string_view name) const noexcept;
    std::string choose_name(std::string_view qualified, std::string_view wanted) const;

    std::vector<component> components_;
};

/// The schema of a T. A codec<T> of the user's own may have `static value schema(schemas&)`; without, any value fits.
template <class T>
value describe_type(schemas& all);

/// The description of a T, as a constant.
template <class T>
inline constexpr type_description description_of{&describe_type<T>};

namespace detail
{

struct described_member
{
    std::string_view name;
    std::string_view description;
    bool required;
    value (*make_schema)(schemas&);
};

struct described_enumerator
{
    std::string_view name;
    std::string_view description;
    value number;
};

/// Adds to a schema what does not change its meaning; to one that refers to another one in a way that counts.
OIZYS_API void annotate(value& schema, std::string_view key, value what);

OIZYS_API value schema_of_type(char const* type);
/// Bounds are left out for 64 bits, which JSON libraries seldom have.
OIZYS_API value schema_of_integer(std::size_t size, bool is_signed);
OIZYS_API value schema_of_text(char const* key, value what);
OIZYS_API value schema_of_array(value items, std::size_t least, std::size_t most, bool unique);
OIZYS_API value schema_of_tuple(array items);
OIZYS_API value schema_of_map(value elements, bool integer_names);
OIZYS_API value schema_of_any(array alternatives);
OIZYS_API value schema_of_duration(value count, std::intmax_t num, std::intmax_t den);
OIZYS_API value schema_of_struct(schemas& all, std::string_view description,
                                 std::span<described_member const> members, bool refuse_unknown);
OIZYS_API value schema_of_enum(std::string_view description,
                               std::span<described_enumerator const> enumerators, bool by_name);

template <class T>
constexpr std::string_view pretty_name() noexcept
{
    return __PRETTY_FUNCTION__;
}

/// The qualified name of T as the compiler has it.
template <class T>
constexpr std::string_view type_name() noexcept
{
    // What stands before and behind the type is the same for all types.
    constexpr std::string_view sample = pretty_name<int>();
    constexpr auto before = sample.find("int");
    constexpr auto behind = sample.size() - before - 3;
    constexpr std::string_view name = pretty_name<T>();
    return name.substr(before, name.size() - before - behind);
}

template <class T>
constexpr std::string_view wanted_name() noexcept
{
    if constexpr (requires { conversion<T>::name; })
        return conversion<T>::name;
    else
        return {};
}

template <class T, class Descriptor>
constexpr described_member describe_member()
{
    using type = std::remove_cvref_t<decltype(std::declval<T&>().*Descriptor::pointer)>;
    constexpr field f = member_field<T, Descriptor>();
    return {f.name, f.description, !f.optional && !may_be_absent<type>, &describe_type<type>};
}

template <class T, class... Descriptor>
value describe_struct(schemas& all, boost::mp11::mp_list<Descriptor...>)
{
    // One more, as there may be none.
    static constexpr described_member members[] = {describe_member<T, Descriptor>()..., {}};
    return schema_of_struct(all, text_about<T>(), {members, sizeof...(Descriptor)},
                            refuses_unknown_members<T>());
}

template <class E, class... Descriptor>
value describe_enum(boost::mp11::mp_list<Descriptor...>)
{
    using number = std::underlying_type_t<E>;
    described_enumerator const enumerators[] = {{enumerator_field<E, Descriptor>().name,
                                                 enumerator_field<E, Descriptor>().description,
                                                 static_cast<number>(Descriptor::value)}...};
    return schema_of_enum(text_about<E>(), enumerators, written_by_name<E>());
}

template <class T>
inline constexpr bool is_tuple = false;
template <class... T>
inline constexpr bool is_tuple<std::tuple<T...>> = true;
template <class A, class B>
inline constexpr bool is_tuple<std::pair<A, B>> = true;

template <class T>
inline constexpr bool is_std_array = false;
template <class T, std::size_t N>
inline constexpr bool is_std_array<std::array<T, N>> = true;

template <class T>
inline constexpr bool is_variant = false;
template <class... T>
inline constexpr bool is_variant<std::variant<T...>> = true;

template <class T>
inline constexpr bool is_optional_type = false;
template <class T>
inline constexpr bool is_optional_type<std::optional<T>> = true;

template <template <class...> class List, class... T>
array describe_each(schemas& all, std::type_identity<List<T...>>)
{
    return {describe_type<T>(all)...};
}

} // namespace detail

template <class T>
value describe_type(schemas& all)
{
    using namespace detail;
    if constexpr (std::is_void_v<T> || std::is_same_v<T, std::monostate> || std::is_same_v<T, std::nullptr_t>)
        return schema_of_type("null");
    else if constexpr (requires { codec<T>::schema(all); })
        return codec<T>::schema(all);
    else if constexpr (std::is_same_v<T, bool>)
        return schema_of_type("boolean");
    else if constexpr (std::is_same_v<T, char>)
        return schema_of_text("maxLength", 1);
    else if constexpr (std::is_integral_v<T>)
        return schema_of_integer(sizeof(T), std::is_signed_v<T>);
    else if constexpr (std::is_floating_point_v<T>)
        return schema_of_type("number");
    else if constexpr (std::is_convertible_v<T const&, std::string_view>)
        return schema_of_type("string");
    else if constexpr (std::is_same_v<T, bytes>)
        return schema_of_text("contentEncoding", "base64");
    else if constexpr (std::is_same_v<T, timestamp> || system_time<T>)
        return schema_of_text("format", "date-time");
    else if constexpr (is_optional_type<T>)
        return schema_of_any({describe_type<typename T::value_type>(all), schema_of_type("null")});
    else if constexpr (std::is_same_v<T, object>)
        return schema_of_type("object");
    else if constexpr (std::is_enum_v<T>)
    {
        if constexpr (codec<T>::described)
            return all.refer(typeid(T), type_name<T>(), wanted_name<T>(), [](schemas&) {
                return describe_enum<T>(
                    boost::mp11::mp_rename<boost::describe::describe_enumerators<T>, boost::mp11::mp_list>{});
            });
        else
            return describe_type<std::underlying_type_t<T>>(all);
    }
    else if constexpr (duration<T>)
        return schema_of_duration(describe_type<typename T::rep>(all), T::period::num, T::period::den);
    else if constexpr (is_std_array<T>)
        return schema_of_array(describe_type<typename T::value_type>(all), std::tuple_size_v<T>,
                               std::tuple_size_v<T>, false);
    else if constexpr (is_tuple<T>)
        return schema_of_tuple(describe_each(all, std::type_identity<T>{}));
    else if constexpr (is_variant<T>)
        return schema_of_any(describe_each(all, std::type_identity<T>{}));
    else if constexpr (map<T>)
        return schema_of_map(describe_type<typename T::mapped_type>(all),
                             std::is_integral_v<typename T::key_type>);
    else if constexpr (set<T>)
        return schema_of_array(describe_type<typename T::value_type>(all), 0, SIZE_MAX, true);
    else if constexpr (sequence<T>)
        return schema_of_array(describe_type<typename T::value_type>(all), 0, SIZE_MAX, false);
    else if constexpr (described_struct<T>)
        return all.refer(typeid(T), type_name<T>(), wanted_name<T>(),
                         [](schemas& to) { return describe_struct<T>(to, converted_members<T>{}); });
    else
        return object{}; // anything
}

template <class T>
value schemas::of()
{
    return describe_type<T>(*this);
}

} // namespace oizys::rpc
