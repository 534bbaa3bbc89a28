// SPDX-License-Identifier: BSL-1.0
//
// Numbers and strings of the JSON writer.
#include <oizys/rpc/codec/json_writer.hpp>

#include "codec/base64.hpp"
#include "codec/json_number.hpp"
#include "codec/json_string.hpp"

#include <charconv>
#include <cmath>
#include <cstring>

namespace oizys::rpc
{

template <class Integer>
void json_writer::put_integer(Integer v)
{
    char text[24];
    char* const end = text + sizeof text;
    bool const negative = v < 0;
    auto const bits = static_cast<std::uint64_t>(v);
    char* begin = detail::put_decimal(end, negative ? 0 - bits : bits);
    if (negative)
        *--begin = '-';
    if (name_due()) [[unlikely]]
        return write_key({begin, static_cast<std::size_t>(end - begin)});
    if (comma_due_) // with it in one piece
        *--begin = ',';
    comma_due_ = true;
    value_due_ = false;
    out_->append(begin, static_cast<std::size_t>(end - begin));
}

void json_writer::write_int64(std::int64_t v) { put_integer(v); }

void json_writer::write_uint64(std::uint64_t v) { put_integer(v); }

void json_writer::put_floating(char const* text, char* end)
{
    std::string_view const shortest{text, static_cast<std::size_t>(end - text)};
    out_->append(shortest);
    if (shortest.find_first_of(".e") == std::string_view::npos)
        out_->append(".0", 2); // or it would read back as an integer
}

void json_writer::write_double(double v)
{
    separate();
    if (!std::isfinite(v))
        return fail(codec_errc::not_representable);
    char text[32];
    put_floating(text, std::to_chars(text, text + sizeof text, v).ptr);
}

void json_writer::write_float(float v)
{
    separate();
    if (!std::isfinite(v))
        return fail(codec_errc::not_representable);
    char text[32];
    char* end = std::to_chars(text, text + sizeof text, v).ptr;
    // Readers go by way of a double, and rounding twice may end at a neighbour: then with all nine digits.
    double read = 0;
    std::from_chars(text, end, read);
    if (static_cast<float>(read) != v)
        end = std::to_chars(text, text + sizeof text, v, std::chars_format::scientific, 8).ptr;
    put_floating(text, end);
}

void json_writer::quote(std::string_view v)
{
    if (!detail::append_json_string(*out_, v))
        fail(codec_errc::invalid_utf8);
}

void json_writer::write_binary(std::string_view v)
{
    separate();
    out_->push_back('"');
    detail::append_base64(*out_, v);
    out_->push_back('"');
}

void json_writer::write_extension(std::int8_t, std::string_view)
{
    separate();
    fail(codec_errc::not_representable);
}

boost::system::error_code json_writer::error() const noexcept
{
    return error_ == codec_errc{} ? boost::system::error_code{} : make_error_code(error_);
}

} // namespace oizys::rpc
