// SPDX-License-Identifier: BSL-1.0
//
// The category "oizys.codec": one sentence per codec_errc, written for who has to mend the message.
#include <oizys/rpc/codec/error.hpp>

#include <string>

namespace oizys::rpc
{
namespace
{

char const* text(codec_errc e) noexcept
{
    switch (e)
    {
    case codec_errc::malformed: return "the bytes are not well-formed";
    case codec_errc::truncated: return "the bytes end in the middle of a value";
    case codec_errc::trailing_bytes: return "there are more bytes after the end of the value";
    case codec_errc::too_deep:
        return "arrays and objects are nested deeper than codec_limits::max_depth allows";
    case codec_errc::invalid_utf8: return "a string is not valid UTF-8; send such bytes as binary";
    case codec_errc::wrong_type: return "a value has another type than the one expected";
    case codec_errc::out_of_range: return "a number does not fit the type expected";
    case codec_errc::wrong_length: return "an array or string has more or fewer elements than expected";
    case codec_errc::missing_member: return "an object lacks a member that is required";
    case codec_errc::unknown_enumerator: return "an enumeration has no value of this name or number";
    case codec_errc::not_representable:
        return "this codec has no form for the value (JSON: NaN, infinity and extensions; "
               "any: more than 4 GiB)";
    case codec_errc::unknown_member: return "an object has a member that is not known here";
    }
    return "unknown codec error";
}

class category final : public boost::system::error_category
{
public:
    char const* name() const noexcept override { return "oizys.codec"; }
    std::string message(int e) const override { return text(static_cast<codec_errc>(e)); }
    char const* message(int e, char*, std::size_t) const noexcept override
    {
        return text(static_cast<codec_errc>(e));
    }
};

} // namespace

boost::system::error_category const& codec_category() noexcept
{
    static category const instance;
    return instance;
}

} // namespace oizys::rpc
