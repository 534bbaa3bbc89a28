// SPDX-License-Identifier: BSL-1.0
//
// A value whose type is known at run time only: anything that JSON or msgpack can say. For code that wants
// dynamic data; typed arguments never pass through it.
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/codec/convert/string.hpp>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace oizys::rpc
{

class value;

using array = std::vector<value>;

/// The members of an object, in their order. Lookup walks them; of equal names the last one counts.
class OIZYS_API object
{
public:
    using member = std::pair<std::string, value>;

    object() noexcept;
    object(std::initializer_list<member> members);
    object(object const&);
    object(object&&) noexcept;
    object& operator=(object const&);
    object& operator=(object&&) noexcept;
    ~object();

    std::size_t size() const noexcept;
    bool empty() const noexcept { return size() == 0; }
    member const* begin() const noexcept;
    member const* end() const noexcept;
    member* begin() noexcept;
    member* end() noexcept;

    /// The member's value, or null.
    value const* find(std::string_view name) const noexcept;
    value* find(std::string_view name) noexcept;
    bool contains(std::string_view name) const noexcept { return find(name) != nullptr; }
    /// The member's value; a member that is not there is added.
    value& operator[](std::string_view name);
    /// Adds a member without looking for one of the same name.
    value& push_back(std::string name, value v);
    /// Equal names and values in the same order.
    friend OIZYS_API bool operator==(object const& a, object const& b) noexcept;

private:
    std::vector<member> members_;
};

/// msgpack's extension: bytes with a meaning that their type (application: 0 … 127) tells.
struct extension
{
    std::int8_t type = 0;
    bytes data;

    friend bool operator==(extension const&, extension const&) = default;
};

/// Null, a boolean, an integer, a double, text, bytes, an array, an object or an extension.
///
/// An integer is kept as std::int64_t if it fits and as std::uint64_t otherwise, so equal numbers are equal
/// values. `1` and `1.0` are different values. A value made by reading is as deep as the reader's limits
/// allow; one made by hand must not be nested so deep that its destruction, which recurses, uses up the stack.
/// @code
/// value v = object{{"name", "ada"}, {"scores", array{1, 2.5, nullptr}}};
/// v["name"].as<std::string>();
/// v["scores"][0].as<int>();
/// @endcode
class OIZYS_API value
{
public:
    using storage = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string,
                                 bytes, array, object, extension>;

    value() noexcept = default;
    value(std::nullptr_t) noexcept {}
    template <std::same_as<bool> T>
    value(T v) noexcept : data_(v) // not from what converts to bool
    {
    }
    template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char> && sizeof(T) <= 8) value(T v)
    noexcept
    {
        if (std::in_range<std::int64_t>(v))
            data_ = static_cast<std::int64_t>(v);
        else
            data_ = static_cast<std::uint64_t>(v);
    }
    template <std::floating_point T>
    value(T v) noexcept : data_(static_cast<double>(v))
    {
    }
    value(char const* v) : data_(std::string{v}) {}
    value(std::string_view v) : data_(std::string{v}) {}
    value(std::string v) noexcept : data_(std::move(v)) {}
    value(bytes v) noexcept : data_(std::move(v)) {}
    value(array v) noexcept : data_(std::move(v)) {}
    value(object v) noexcept : data_(std::move(v)) {}
    value(extension v) noexcept : data_(std::move(v)) {}

    rpc::kind kind() const noexcept;
    bool is_null() const noexcept { return data_.index() == 0; }

    /// What it holds, or null if that is not a T. T is one of the alternatives of `storage`.
    template <class T>
    T const* get_if() const noexcept
    {
        return std::get_if<T>(&data_);
    }
    template <class T>
    T* get_if() noexcept
    {
        return std::get_if<T>(&data_);
    }

    /// What it holds; throws boost::system::system_error (wrong_type) if that is not a T. Numbers of any
    /// arithmetic type may be asked for (out_of_range if they do not fit).
    template <class T>
    decltype(auto) as() const
    {
        if constexpr (std::integral<T> && !std::same_as<T, bool>)
        {
            if (auto const* v = get_if<std::uint64_t>(); v != nullptr && std::in_range<T>(*v))
                return static_cast<T>(*v);
            auto const* v = get_if<std::int64_t>();
            if (v == nullptr || !std::in_range<T>(*v))
                throw_cannot_be(kind() == rpc::kind::integer ? codec_errc::out_of_range
                                                             : codec_errc::wrong_type);
            return static_cast<T>(*v);
        }
        else if constexpr (std::floating_point<T>)
            return static_cast<T>(as_double());
        else
        {
            auto const* v = get_if<T>();
            if (v == nullptr)
                throw_cannot_be(codec_errc::wrong_type);
            return static_cast<T const&>(*v);
        }
    }

    /// The member of that name, or a null value if there is none or if this is no object.
    value const& operator[](std::string_view name) const noexcept;
    /// The element at `index`, or a null value if there is none or if this is no array.
    value const& operator[](std::size_t index) const noexcept;
    /// The member of that name, added if it is not there; null becomes an object first. Throws if it is
    /// anything else.
    value& operator[](std::string_view name);
    /// The element at `index`; throws (wrong_length) if there are not as many.
    value& operator[](std::size_t index);
    /// The member of that name; throws (missing_member) if there is none.
    value const& at(std::string_view name) const;
    /// The element at `index`; throws (wrong_length) if there are not as many.
    value const& at(std::size_t index) const;
    /// How many elements or members there are; 0 for anything else.
    std::size_t size() const noexcept;

    storage const& data() const noexcept { return data_; }
    friend bool operator==(value const&, value const&) = default;
    /// For people: JSON as far as it goes.
    friend OIZYS_API std::ostream& operator<<(std::ostream& out, value const& v);

private:
    double as_double() const;
    [[noreturn]] static void throw_cannot_be(codec_errc why);

    storage data_;
};

template <>
struct codec<value>
{
    OIZYS_API static bool read(reader& in, value& out);
    OIZYS_API static void write(writer& out, value const& v);
};

template <>
struct codec<object>
{
    OIZYS_API static bool read(reader& in, object& out);
    OIZYS_API static void write(writer& out, object const& v);
    static constexpr bool accepts(kind k) { return k == kind::object; }
};

/// An extension of any type, kept as it came.
template <>
struct codec<extension>
{
    OIZYS_API static bool read(reader& in, extension& out);
    OIZYS_API static void write(writer& out, extension const& v);
    static constexpr bool accepts(kind k) { return k == kind::extension; }
};

} // namespace oizys::rpc
