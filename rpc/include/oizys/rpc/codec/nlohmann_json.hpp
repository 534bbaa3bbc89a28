// SPDX-License-Identifier: BSL-1.0
//
// nlohmann::json as a parameter or result. Nothing else of oizys includes this header or nlohmann's.
#pragma once

#include <oizys/rpc/codec/convert/container.hpp>

#include <nlohmann/json.hpp>

#include <string>

namespace oizys::rpc
{

/// Whatever JSON and msgpack can say: an extension is binary data with a subtype, as in nlohmann's own msgpack.
/// msgpack's integer keys are read as decimal text.
template <>
struct codec<nlohmann::json>
{
    using json = nlohmann::json;

    static bool read(reader& in, json& out)
    {
        std::string_view text;
        std::int8_t type;
        std::size_t count;
        double number;
        bool boolean;
        switch (in.next())
        {
        case kind::null: out = nullptr; return in.read_null();
        case kind::boolean: return in.read_bool(boolean) && (out = boolean, true);
        case kind::integer: return read_integer(in, out);
        case kind::floating: return in.read_double(number) && (out = number, true);
        case kind::string: return in.read_string(text) && (out = text, true);
        case kind::binary: return in.read_binary(text) && (out = json::binary(to_bytes(text)), true);
        case kind::extension:
            return in.read_extension(type, text) &&
                   (out = json::binary(to_bytes(text), static_cast<std::uint8_t>(type)), true);
        case kind::array:
            out = json::array();
            if (!in.enter_array(count))
                return false;
            while (in.has_next())
                if (!read(in, out.emplace_back(nullptr)))
                    return false;
            return in.leave_array();
        case kind::object:
        {
            out = json::object();
            std::string name;
            if (!in.enter_object(count))
                return false;
            while (in.has_next())
                if (!detail::read_any_name(in, name) || !read(in, out[name]))
                    return false;
            return in.leave_object();
        }
        case kind::none: break;
        }
        return in.skip(); // there is nothing: fails, and says why
    }

    static void write(writer& out, json const& v)
    {
        switch (v.type())
        {
        case json::value_t::null:
        case json::value_t::discarded: return out.write_null();
        case json::value_t::boolean: return out.write_bool(v.get<bool>());
        case json::value_t::number_integer: return out.write_int64(v.get<std::int64_t>());
        case json::value_t::number_unsigned: return out.write_uint64(v.get<std::uint64_t>());
        case json::value_t::number_float: return out.write_double(v.get<double>());
        case json::value_t::string: return out.write_string(v.get_ref<std::string const&>());
        case json::value_t::binary: return write_binary(out, v.get_binary());
        case json::value_t::array:
            out.begin_array(v.size());
            for (auto const& element : v)
            {
                if (out.error())
                    return; // too deep, perhaps: go no deeper
                write(out, element);
            }
            return out.end_array();
        case json::value_t::object:
            out.begin_object(v.size());
            for (auto const& [name, element] : v.items())
            {
                if (out.error())
                    return;
                out.write_key(name);
                write(out, element);
            }
            return out.end_object();
        }
    }

private:
    static std::vector<std::uint8_t> to_bytes(std::string_view data) { return {data.begin(), data.end()}; }

    static bool read_integer(reader& in, json& out)
    {
        std::uint64_t bits;
        bool negative;
        if (!in.read_integer(bits, negative))
            return false;
        if (negative)
            out = static_cast<std::int64_t>(bits);
        else
            out = bits;
        return true;
    }

    static void write_binary(writer& out, json::binary_t const& v)
    {
        std::string_view const data{reinterpret_cast<char const*>(v.data()), v.size()};
        if (v.has_subtype())
            out.write_extension(static_cast<std::int8_t>(v.subtype()), data);
        else
            out.write_binary(data);
    }
};

} // namespace oizys::rpc
