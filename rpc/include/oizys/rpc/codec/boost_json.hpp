// SPDX-License-Identifier: BSL-1.0
//
// boost::json::value as a parameter or result. Nothing else of oizys includes this header or Boost.JSON.
#pragma once

#include <oizys/rpc/codec/base64.hpp>
#include <oizys/rpc/codec/convert/container.hpp>

#include <boost/json/value.hpp>

#include <string>

namespace oizys::rpc
{

/// Whatever JSON can say. msgpack's binary data is read as base64 text and its integer keys as decimal text, as they
/// are in JSON; an extension is not_representable.
template <>
struct codec<boost::json::value>
{
    static bool read(reader& in, boost::json::value& out)
    {
        std::string_view text;
        std::size_t count;
        switch (in.next())
        {
        case kind::null: out = nullptr; return in.read_null();
        case kind::boolean: return in.read_bool(out.emplace_bool());
        case kind::integer: return read_integer(in, out);
        case kind::floating: return in.read_double(out.emplace_double());
        case kind::string: return in.read_string(text) && (out.emplace_string().assign(text), true);
        case kind::binary: return in.read_binary(text) && (out.emplace_string().assign(base64(text)), true);
        case kind::array:
        {
            auto& elements = out.emplace_array();
            if (!in.enter_array(count))
                return false;
            while (in.has_next())
                if (!read(in, elements.emplace_back(nullptr)))
                    return false;
            return in.leave_array();
        }
        case kind::object:
        {
            auto& members = out.emplace_object();
            std::string name;
            if (!in.enter_object(count))
                return false;
            while (in.has_next())
                if (!detail::read_any_name(in, name) || !read(in, members[name]))
                    return false;
            return in.leave_object();
        }
        case kind::extension: return in.fail(codec_errc::not_representable);
        case kind::none: break;
        }
        return in.skip(); // there is nothing: fails, and says why
    }

    static void write(writer& out, boost::json::value const& v)
    {
        switch (v.kind())
        {
        case boost::json::kind::null: return out.write_null();
        case boost::json::kind::bool_: return out.write_bool(v.get_bool());
        case boost::json::kind::int64: return out.write_int64(v.get_int64());
        case boost::json::kind::uint64: return out.write_uint64(v.get_uint64());
        case boost::json::kind::double_: return out.write_double(v.get_double());
        case boost::json::kind::string:
            return out.write_string({v.get_string().data(), v.get_string().size()});
        case boost::json::kind::array:
            out.begin_array(v.get_array().size());
            for (auto const& element : v.get_array())
            {
                if (out.error())
                    return; // too deep, perhaps: go no deeper
                write(out, element);
            }
            return out.end_array();
        case boost::json::kind::object:
            out.begin_object(v.get_object().size());
            for (auto const& member : v.get_object())
            {
                if (out.error())
                    return;
                out.write_key({member.key().data(), member.key().size()});
                write(out, member.value());
            }
            return out.end_object();
        }
    }

private:
    static bool read_integer(reader& in, boost::json::value& out)
    {
        std::uint64_t bits;
        bool negative;
        if (!in.read_integer(bits, negative))
            return false;
        if (negative || bits <= static_cast<std::uint64_t>(INT64_MAX))
            out = static_cast<std::int64_t>(bits);
        else
            out = bits;
        return true;
    }
};

} // namespace oizys::rpc
