// SPDX-License-Identifier: BSL-1.0
//
// Names of members that are integers: as such in msgpack, as decimal text in JSON.
#include <oizys/rpc/codec/convert/container.hpp>

#include <charconv>

namespace oizys::rpc::detail
{
namespace
{

template <class Integer>
bool parse_name(reader& in, Integer& out)
{
    if (in.next() == kind::integer)
        return read(in, out);
    std::string_view text;
    if (!in.read_key(text))
        return false;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (ec == std::errc::result_out_of_range)
        return in.fail(codec_errc::out_of_range);
    return (ec == std::errc{} && end == text.data() + text.size()) || in.fail(codec_errc::wrong_type);
}

} // namespace

bool read_name(reader& in, std::int64_t& out) { return parse_name(in, out); }

bool read_name(reader& in, std::uint64_t& out) { return parse_name(in, out); }

bool read_any_name(reader& in, std::string& out)
{
    std::string_view name;
    char text[24];
    if (in.next() == kind::integer)
    {
        std::uint64_t bits;
        bool negative;
        if (!in.read_integer(bits, negative))
            return false;
        char* const to = text + sizeof text;
        char* const end = negative ? std::to_chars(text, to, static_cast<std::int64_t>(bits)).ptr
                                   : std::to_chars(text, to, bits).ptr;
        name = {text, static_cast<std::size_t>(end - text)};
    }
    else if (!in.read_key(name))
        return false;
    out.assign(name);
    return true;
}

} // namespace oizys::rpc::detail
