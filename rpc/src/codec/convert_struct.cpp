// SPDX-License-Identifier: BSL-1.0
//
// Reading and writing described structs by their tables of members.
#include <oizys/rpc/codec/convert/struct.hpp>

#include "codec/flags.hpp"

#include <algorithm>

namespace oizys::rpc::detail
{
namespace
{

bool read_from_array(reader& in, void* object, std::span<member const> members)
{
    std::size_t count;
    if (!in.enter_array(count))
        return false;
    for (member const& m : members)
    {
        if (!in.has_next())
            return in.fail(codec_errc::wrong_length);
        if (!m.read(in, object))
            return false;
    }
    if (in.has_next())
        return in.fail(codec_errc::wrong_length);
    return in.leave_array();
}

bool read_from_object(reader& in, void* object, std::span<member const> members, bool refuse_unknown)
{
    std::size_t count;
    if (!in.enter_object(count))
        return false;
    flags seen{members.size()};
    std::size_t expected = 0; // most writers keep the order
    std::string_view name;
    while (in.read_key(name))
    {
        std::size_t i = expected;
        if (i >= members.size() || members[i].name != name)
            i = static_cast<std::size_t>(std::ranges::find(members, name, &member::name) - members.begin());
        if (i == members.size())
        {
            if (refuse_unknown)
                return in.fail(codec_errc::unknown_member);
            if (!in.skip())
                return false;
            continue;
        }
        if (!members[i].read(in, object))
            return false;
        seen.set(i);
        expected = i + 1;
    }
    if (!in.leave_object())
        return false;
    for (std::size_t i = 0; i < members.size(); ++i)
        if (members[i].required && !seen.test(i))
            return in.fail(codec_errc::missing_member);
    return true;
}

} // namespace

bool read_members(reader& in, void* object, std::span<member const> members, bool refuse_unknown)
{
    return in.next() == kind::array ? read_from_array(in, object, members)
                                    : read_from_object(in, object, members, refuse_unknown);
}

void write_members(writer& out, void const* object, std::span<member const> members)
{
    auto const is_present = [&](member const& m) { return m.present == nullptr || m.present(object); };
    out.begin_object(static_cast<std::size_t>(std::ranges::count_if(members, is_present)));
    for (member const& m : members)
    {
        if (out.error())
            return;
        if (!is_present(m))
            continue;
        out.write_key(m.name);
        m.write(out, object);
    }
    out.end_object();
}

} // namespace oizys::rpc::detail
