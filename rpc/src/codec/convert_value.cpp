// SPDX-License-Identifier: BSL-1.0
//
// Reading and writing rpc::value. The recursion is as deep as the reader's or writer's limits allow.
#include <oizys/rpc/codec/convert/container.hpp>
#include <oizys/rpc/codec/json_writer.hpp>
#include <oizys/rpc/codec/value.hpp>

#include <ostream>

namespace oizys::rpc
{
namespace
{

template <class T>
bool read_into(reader& in, value& out)
{
    T v{};
    if (!read(in, v))
        return false;
    out = std::move(v);
    return true;
}

bool read_integer(reader& in, value& out)
{
    std::uint64_t bits;
    bool negative;
    if (!in.read_integer(bits, negative))
        return false;
    out = negative ? value{static_cast<std::int64_t>(bits)} : value{bits};
    return true;
}

struct value_writer
{
    writer& out;

    void operator()(std::monostate) const { out.write_null(); }
    template <class T>
    void operator()(T const& v) const
    {
        write(out, v);
    }
};

} // namespace

bool codec<object>::read(reader& in, object& out)
{
    std::size_t count;
    if (!in.enter_object(count))
        return false;
    out = {};
    while (in.has_next())
    {
        std::string name;
        if (!detail::read_any_name(in, name) || !rpc::read(in, out.push_back(std::move(name), {})))
            return false;
    }
    return in.leave_object();
}

void codec<object>::write(writer& out, object const& v)
{
    out.begin_object(v.size());
    for (auto const& [name, element] : v)
    {
        if (out.error())
            return; // too deep, perhaps: go no deeper
        out.write_key(name);
        rpc::write(out, element);
    }
    out.end_object();
}

bool codec<extension>::read(reader& in, extension& out)
{
    std::string_view data;
    if (!in.read_extension(out.type, data))
        return false;
    auto const* const from = reinterpret_cast<std::byte const*>(data.data());
    out.data.assign(from, from + data.size());
    return true;
}

void codec<extension>::write(writer& out, extension const& v)
{
    out.write_extension(v.type, {reinterpret_cast<char const*>(v.data.data()), v.data.size()});
}

bool codec<value>::read(reader& in, value& out)
{
    switch (in.next())
    {
    case kind::null: out = nullptr; return in.read_null();
    case kind::boolean: return read_into<bool>(in, out);
    case kind::integer: return read_integer(in, out);
    case kind::floating: return read_into<double>(in, out);
    case kind::string: return read_into<std::string>(in, out);
    case kind::binary: return read_into<bytes>(in, out);
    case kind::array: return read_into<array>(in, out);
    case kind::object: return read_into<object>(in, out);
    case kind::extension: return read_into<extension>(in, out);
    case kind::none: break;
    }
    return in.skip(); // there is nothing: fails, and says why
}

void codec<value>::write(writer& out, value const& v) { std::visit(value_writer{out}, v.data()); }

std::ostream& operator<<(std::ostream& out, value const& v)
{
    std::string text;
    json_writer to{text};
    write(to, v);
    out << text;
    if (to.error())
        out << " (" << to.error().message() << ')';
    return out;
}

} // namespace oizys::rpc
