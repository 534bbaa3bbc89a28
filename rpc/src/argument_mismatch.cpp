// SPDX-License-Identifier: BSL-1.0
#include "argument_mismatch.hpp"

#include <oizys/rpc/codec/kind.hpp>

#include <cstdint>
#include <limits>
#include <vector>

namespace oizys::rpc::detail
{
namespace
{

constexpr auto number_kinds = static_cast<std::uint16_t>(bit_of(kind::integer) | bit_of(kind::floating));

/// "an array or an object"; empty if it is read from values of all kinds, or is particular about them.
std::string kinds_text(std::uint16_t kinds)
{
    std::vector<std::string_view> words;
    if ((kinds & number_kinds) == number_kinds)
    {
        words.push_back("a number");
        kinds = static_cast<std::uint16_t>(kinds & ~number_kinds);
    }
    for (auto k = static_cast<unsigned>(kind::null); k <= static_cast<unsigned>(kind::extension); ++k)
        if (auto const one = static_cast<kind>(k); (kinds & bit_of(one)) != 0)
            words.push_back(describe(one));
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i)
    {
        if (i != 0)
            text += i + 1 == words.size() ? " or " : ", ";
        text += words[i];
    }
    return text;
}

std::string range_text(parameter_type const& type)
{
    auto const all = std::numeric_limits<std::uint64_t>::max() >> (64 - type.bits);
    if (!type.is_signed)
        return "an integer from 0 to " + std::to_string(all);
    auto const most = static_cast<std::int64_t>(all >> 1);
    return "an integer from " + std::to_string(-most - 1) + " to " + std::to_string(most);
}

std::string read_integer_text(reader& in)
{
    std::uint64_t bits = 0;
    bool negative = false;
    if (!in.read_integer(bits, negative))
        return "another number";
    return negative ? std::to_string(static_cast<std::int64_t>(bits)) : std::to_string(bits);
}

/// Which member is missing, refused, or cannot be read; empty if that cannot be told.
std::string members_text(reader& in, void* object, std::span<member const> members,
                         boost::system::error_code why)
{
    std::vector<bool> seen(members.size());
    std::size_t unknown = 0;
    std::string_view name;
    in.enter_object(unknown);
    while (in.read_key(name))
    {
        std::size_t i = 0;
        while (i != members.size() && members[i].name != name)
            ++i;
        if (i == members.size())
        {
            if (why == codec_errc::unknown_member)
                return "there is no member \"" + std::string{shortened(name)} + '"';
            in.skip();
            continue;
        }
        seen[i] = true;
        auto const came = in.next();
        if (members[i].read(in, object))
            continue;
        auto text = "member \"" + std::string{members[i].name} + "\": " + in.error().message();
        if (in.error() == codec_errc::wrong_type)
            text += ", got " + std::string{describe(came)};
        return text;
    }
    for (std::size_t i = 0; i != members.size(); ++i)
        if (!seen[i] && members[i].required)
            return "member \"" + std::string{members[i].name} + "\" is missing";
    return {};
}

} // namespace

std::string name_of(method_entry const& method, std::size_t index)
{
    auto text = "parameter " + std::to_string(index + 1);
    if (index < method.parameters.size())
        text += " (" + method.parameters[index].name() + ")";
    return text;
}

std::string_view shortened(std::string_view name) noexcept
{
    std::size_t size = 64;
    if (name.size() <= size)
        return name;
    while (size != 0 &&
           (static_cast<unsigned char>(name[size]) & 0xc0) == 0x80) // no character is cut into pieces
        --size;
    return name.substr(0, size);
}

std::string mismatch(reader& in, parameter_type const& type, void* target, boost::system::error_code why)
{
    auto const came = in.next();
    bool const fits = (type.kinds & bit_of(came)) != 0;
    if (why == codec_errc::wrong_type && !fits)
        return "expected " + kinds_text(type.kinds) + ", got " + std::string{describe(came)};
    if (why == codec_errc::out_of_range && type.bits != 0)
        return "expected " + range_text(type) + ", got " + read_integer_text(in);
    if (!type.members.empty() && came == kind::object)
        if (auto text = members_text(in, target, type.members, why); !text.empty())
            return text;
    return why.message();
}

} // namespace oizys::rpc::detail
