// SPDX-License-Identifier: BSL-1.0
#include "protocol/metadata.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace oizys::rpc::detail
{
namespace
{

// As much as fits: what is longer is as good as for ever.
bool read_number(reader& in, std::uint32_t& out)
{
    std::uint64_t number = 0;
    if (!in.read_uint64(number))
        return false;
    out = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(number, std::numeric_limits<std::uint32_t>::max()));
    return true;
}

bool read_member(reader& in, std::string_view name, call_metadata& out)
{
    if (name == "timeout")
        return read_number(in, out.timeout.emplace());
    if (name == "credit")
        return read_number(in, out.credit);
    if (name == "progress")
        return in.read_bool(out.progress);
    if (name == "trace")
        return in.read_string(out.trace);
    return in.skip();
}

} // namespace

bool read_metadata(reader& in, call_metadata& out)
{
    std::size_t unknown = 0;
    std::string_view name;
    if (!in.enter_object(unknown))
        return false;
    while (in.has_next())
        if (!in.read_key(name) || !read_member(in, name, out))
            return false;
    return in.leave_object();
}

void write_metadata(writer& out, call_metadata const& metadata)
{
    auto const count = static_cast<std::size_t>(metadata.timeout.has_value()) +
                       static_cast<std::size_t>(metadata.credit != 0) +
                       static_cast<std::size_t>(metadata.progress) +
                       static_cast<std::size_t>(!metadata.trace.empty());
    out.begin_object(count);
    if (metadata.timeout)
    {
        out.write_key("timeout");
        out.write_uint64(*metadata.timeout);
    }
    if (metadata.credit != 0)
    {
        out.write_key("credit");
        out.write_uint64(metadata.credit);
    }
    if (metadata.progress)
    {
        out.write_key("progress");
        out.write_bool(true);
    }
    if (!metadata.trace.empty())
    {
        out.write_key("trace");
        out.write_string(metadata.trace);
    }
    out.end_object();
}

} // namespace oizys::rpc::detail
