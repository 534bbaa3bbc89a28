// SPDX-License-Identifier: BSL-1.0
//
// The dynamic value: members of objects, access, and conversion to and from the wire.
#include <oizys/rpc/codec/value.hpp>

#include <oizys/rpc/codec/convert/container.hpp>

#include <boost/system/system_error.hpp>

#include <algorithm>

namespace oizys::rpc
{
namespace
{

value const null_value;

} // namespace

object::object() noexcept = default;
object::object(std::initializer_list<member> members) : members_(members) {}
object::object(object const&) = default;
object::object(object&&) noexcept = default;
object& object::operator=(object const&) = default;
object& object::operator=(object&&) noexcept = default;
object::~object() = default;

std::size_t object::size() const noexcept { return members_.size(); }

object::member const* object::begin() const noexcept { return members_.data(); }

object::member const* object::end() const noexcept { return members_.data() + members_.size(); }

object::member* object::begin() noexcept { return members_.data(); }

object::member* object::end() noexcept { return members_.data() + members_.size(); }

value const* object::find(std::string_view name) const noexcept
{
    auto const found =
        std::find_if(members_.rbegin(), members_.rend(), [&](member const& m) { return m.first == name; });
    return found == members_.rend() ? nullptr : &found->second;
}

value* object::find(std::string_view name) noexcept
{
    return const_cast<value*>(std::as_const(*this).find(name));
}

value& object::operator[](std::string_view name)
{
    value* const found = find(name);
    return found != nullptr ? *found : push_back(std::string{name}, value{});
}

value& object::push_back(std::string name, value v)
{
    return members_.emplace_back(std::move(name), std::move(v)).second;
}

bool operator==(object const& a, object const& b) noexcept { return a.members_ == b.members_; }

kind value::kind() const noexcept
{
    using enum rpc::kind;
    constexpr rpc::kind kinds[] = {
        null,   boolean, integer,          integer,           floating,
        string, binary,  rpc::kind::array, rpc::kind::object, rpc::kind::extension};
    static_assert(std::size(kinds) == std::variant_size_v<storage>);
    return kinds[data_.index()];
}

value const& value::operator[](std::string_view name) const noexcept
{
    auto const* members = get_if<rpc::object>();
    auto const* found = members == nullptr ? nullptr : members->find(name);
    return found == nullptr ? null_value : *found;
}

value const& value::operator[](std::size_t index) const noexcept
{
    auto const* elements = get_if<rpc::array>();
    return elements == nullptr || index >= elements->size() ? null_value : (*elements)[index];
}

value& value::operator[](std::string_view name)
{
    if (is_null())
        data_ = rpc::object{};
    auto* const members = get_if<rpc::object>();
    if (members == nullptr)
        throw_cannot_be(codec_errc::wrong_type);
    return (*members)[name];
}

value& value::operator[](std::size_t index) { return const_cast<value&>(std::as_const(*this).at(index)); }

value const& value::at(std::string_view name) const
{
    auto const* found = as<rpc::object>().find(name);
    if (found == nullptr)
        throw_cannot_be(codec_errc::missing_member);
    return *found;
}

value const& value::at(std::size_t index) const
{
    auto const& elements = as<rpc::array>();
    if (index >= elements.size())
        throw_cannot_be(codec_errc::wrong_length);
    return elements[index];
}

std::size_t value::size() const noexcept
{
    if (auto const* elements = get_if<rpc::array>())
        return elements->size();
    auto const* members = get_if<rpc::object>();
    return members == nullptr ? 0 : members->size();
}

double value::as_double() const
{
    if (auto const* v = get_if<double>())
        return *v;
    if (auto const* v = get_if<std::int64_t>())
        return static_cast<double>(*v);
    if (auto const* v = get_if<std::uint64_t>())
        return static_cast<double>(*v);
    throw_cannot_be(codec_errc::wrong_type);
}

void value::throw_cannot_be(codec_errc why) { throw boost::system::system_error{make_error_code(why)}; }

} // namespace oizys::rpc
