// SPDX-License-Identifier: BSL-1.0
//
// Writes JSON straight into a string, without white space; commas and colons are its business.
// Binary data becomes a string of base64 (standard alphabet, with padding), which read_binary accepts.
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/codec/nesting.hpp>
#include <oizys/rpc/codec/writer.hpp>

#include <string>

namespace oizys::rpc
{

/// Appends one JSON text to `out`, which must outlive the writer.
///
/// A double is written as the shortest text that reads back as the same double, and never looks like an
/// integer (`1.0`). Strings must be UTF-8 (invalid_utf8); NaN, infinities and extensions are
/// not_representable. A name of an object's member may be an integer: call write_int64 or write_uint64 in
/// place of write_key, and the name is its decimal text.
class OIZYS_API json_writer final : public writer
{
public:
    explicit json_writer(std::string& out, codec_limits limits = {}) noexcept
        : out_(&out), max_depth_(limits.max_depth)
    {
    }

    /// The output; the caller may append to it before the first and after the last value.
    std::string& out() noexcept { return *out_; }

    void write_null() override
    {
        separate();
        out_->append("null", 4);
    }
    void write_bool(bool v) override
    {
        separate();
        v ? out_->append("true", 4) : out_->append("false", 5);
    }
    void write_int64(std::int64_t v) override;
    void write_uint64(std::uint64_t v) override;
    void write_double(double v) override;
    void write_float(float v) override;
    void write_string(std::string_view v) override
    {
        separate();
        quote(v);
    }
    void write_binary(std::string_view v) override;
    void write_extension(std::int8_t type, std::string_view v) override;

    void begin_array(std::size_t) override { open('[', false); }
    void end_array() override { close(']'); }
    void begin_object(std::size_t) override { open('{', true); }
    void write_key(std::string_view name) override
    {
        separate();
        quote(name);
        colon();
    }
    void end_object() override { close('}'); }

    void write_raw(std::string_view encoded) override
    {
        separate();
        out_->append(encoded);
    }

    boost::system::error_code error() const noexcept override;
    /// Whether error() has something to tell.
    bool failed() const noexcept { return error_ != codec_errc{}; }
    void fail(codec_errc why) noexcept override
    {
        if (error_ == codec_errc{})
            error_ = why;
    }

private:
    void separate()
    {
        if (comma_due_)
            out_->push_back(',');
        comma_due_ = true;
        value_due_ = false;
    }
    void colon()
    {
        out_->push_back(':');
        comma_due_ = false;
        value_due_ = true;
    }
    bool name_due() const noexcept { return open_.in_object() && !value_due_; }
    void open(char bracket, bool object)
    {
        separate();
        out_->push_back(bracket);
        open_.push(object);
        if (open_.depth() > max_depth_)
            fail(codec_errc::too_deep);
        comma_due_ = false;
    }
    void close(char bracket)
    {
        out_->push_back(bracket);
        open_.pop();
        comma_due_ = true;
        value_due_ = false;
    }
    void quote(std::string_view v);
    template <class Integer>
    void put_integer(Integer v);
    void put_floating(char const* text, char* end);

    std::string* out_;
    std::size_t max_depth_;
    detail::nesting open_;
    bool comma_due_ = false; ///< the next value is not the first one in its container
    bool value_due_ = false; ///< a name was just written
    codec_errc error_{};
};

} // namespace oizys::rpc
