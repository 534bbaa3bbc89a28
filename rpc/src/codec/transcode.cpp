// SPDX-License-Identifier: BSL-1.0
//
// One loop over the values of a message, whatever their depth.
#include <oizys/rpc/codec/transcode.hpp>

#include <oizys/rpc/codec/nesting.hpp>

namespace oizys::rpc
{
namespace
{

bool copy_integer(reader& in, writer& out)
{
    std::uint64_t bits;
    bool negative;
    if (!in.read_integer(bits, negative))
        return false;
    negative ? out.write_int64(static_cast<std::int64_t>(bits)) : out.write_uint64(bits);
    return true;
}

bool copy_name(reader& in, writer& out)
{
    if (in.next() == kind::integer)
        return copy_integer(in, out);
    std::string_view name;
    if (!in.read_key(name))
        return false;
    out.write_key(name);
    return true;
}

/// Copies a value, or only the beginning of an array or object.
bool copy_head(reader& in, writer& out, detail::nesting& open)
{
    bool boolean;
    double number;
    std::string_view text;
    std::int8_t type;
    std::size_t count;
    switch (in.next())
    {
    case kind::null: out.write_null(); return in.read_null();
    case kind::boolean: return in.read_bool(boolean) && (out.write_bool(boolean), true);
    case kind::integer: return copy_integer(in, out);
    case kind::floating: return in.read_double(number) && (out.write_double(number), true);
    case kind::string: return in.read_string(text) && (out.write_string(text), true);
    case kind::binary: return in.read_binary(text) && (out.write_binary(text), true);
    case kind::extension: return in.read_extension(type, text) && (out.write_extension(type, text), true);
    case kind::array:
        if (!in.enter_array(count))
            return false;
        out.begin_array(count);
        open.push(false);
        return true;
    case kind::object:
        if (!in.enter_object(count))
            return false;
        out.begin_object(count);
        open.push(true);
        return true;
    case kind::none: break;
    }
    return in.skip(); // there is nothing: fails, and says why
}

bool leave(reader& in, writer& out, detail::nesting& open)
{
    bool const object = open.in_object();
    open.pop();
    object ? out.end_object() : out.end_array();
    return object ? in.leave_object() : in.leave_array();
}

} // namespace

bool transcode(reader& in, writer& out)
{
    detail::nesting open;
    in.want_counts();
    do
    {
        if (out.error())
            return false;
        bool const inside = open.depth() != 0;
        bool ok;
        if (inside && !in.has_next())
            ok = leave(in, out, open);
        else
            ok = (!inside || !open.in_object() || copy_name(in, out)) && copy_head(in, out, open);
        if (!ok)
            return false;
    } while (open.depth() != 0);
    return !out.error();
}

} // namespace oizys::rpc
