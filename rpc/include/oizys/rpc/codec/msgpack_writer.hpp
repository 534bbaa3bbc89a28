// SPDX-License-Identifier: BSL-1.0
//
// Writes msgpack straight into a string, in the smallest encoding of each value: non-negative integers as
// the unsigned family, float as 4 bytes, double as 8 bytes. Counts given to begin_* are trusted.
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/codec/writer.hpp>

#include <bit>
#include <cstring>
#include <string>

namespace oizys::rpc
{

/// Appends msgpack to `out`, which must outlive the writer.
/// A name of an object's member may be an integer: call write_int64 or write_uint64 in place of write_key.
class OIZYS_API msgpack_writer final : public writer
{
public:
    explicit msgpack_writer(std::string& out, codec_limits limits = {}) noexcept
        : out_(&out), max_depth_(limits.max_depth)
    {
    }

    /// The output; bytes may be appended to it between values.
    std::string& out() noexcept { return *out_; }

    void write_null() override { put(0xc0); }
    void write_bool(bool v) override { put(v ? 0xc3 : 0xc2); }

    void write_int64(std::int64_t v) override
    {
        if (v >= -32 && v < 0x80)
            put(static_cast<unsigned>(v) & 0xff);
        else if (v >= 0)
            write_uint64(static_cast<std::uint64_t>(v));
        else if (v >= INT8_MIN)
            put(0xd0, static_cast<std::uint8_t>(v));
        else if (v >= INT16_MIN)
            put(0xd1, static_cast<std::uint16_t>(v));
        else if (v >= INT32_MIN)
            put(0xd2, static_cast<std::uint32_t>(v));
        else
            put(0xd3, static_cast<std::uint64_t>(v));
    }

    void write_uint64(std::uint64_t v) override
    {
        if (v < 0x80)
            put(static_cast<unsigned>(v));
        else if (v <= UINT8_MAX)
            put(0xcc, static_cast<std::uint8_t>(v));
        else if (v <= UINT16_MAX)
            put(0xcd, static_cast<std::uint16_t>(v));
        else if (v <= UINT32_MAX)
            put(0xce, static_cast<std::uint32_t>(v));
        else
            put(0xcf, v);
    }

    void write_double(double v) override { put(0xcb, std::bit_cast<std::uint64_t>(v)); }
    void write_float(float v) override { put(0xca, std::bit_cast<std::uint32_t>(v)); }

    void write_string(std::string_view v) override
    {
        if (v.size() < 32)
            put(0xa0 | static_cast<unsigned>(v.size()));
        else if (!put_size(v.size(), 0xd9, 0xda, 0xdb))
            return;
        out_->append(v);
    }

    void write_binary(std::string_view v) override;
    void write_extension(std::int8_t type, std::string_view v) override;
    bool has_extensions() const noexcept override { return true; }

    void begin_array(std::size_t count) override
    {
        open();
        if (count < 16)
            put(0x90 | static_cast<unsigned>(count));
        else
            put_size(count, 0, 0xdc, 0xdd);
    }
    void end_array() override { --depth_; }

    void begin_object(std::size_t count) override
    {
        open();
        if (count < 16)
            put(0x80 | static_cast<unsigned>(count));
        else
            put_size(count, 0, 0xde, 0xdf);
    }
    void write_key(std::string_view name) override { write_string(name); }
    void end_object() override { --depth_; }

    void write_raw(std::string_view encoded) override { out_->append(encoded); }

    boost::system::error_code error() const noexcept override;
    /// Whether error() has something to tell.
    bool failed() const noexcept { return error_ != codec_errc{}; }
    void fail(codec_errc why) noexcept override
    {
        if (error_ == codec_errc{})
            error_ = why;
    }

private:
    void put(unsigned byte) { out_->push_back(static_cast<char>(byte)); }

    template <class Unsigned>
    void put(unsigned tag, Unsigned v)
    {
        char encoded[1 + sizeof v];
        encoded[0] = static_cast<char>(tag);
        for (std::size_t i = 0; i < sizeof v; ++i)
            encoded[1 + i] = static_cast<char>(v >> (8 * (sizeof v - 1 - i)));
        out_->append(encoded, sizeof encoded);
    }

    void open() noexcept
    {
        if (++depth_ > max_depth_)
            fail(codec_errc::too_deep);
    }

    /// A tag and the size in 1 (where tag8 is not 0), 2 or 4 bytes.
    bool put_size(std::size_t size, unsigned tag8, unsigned tag16, unsigned tag32);

    std::string* out_;
    std::size_t max_depth_;
    std::size_t depth_ = 0;
    codec_errc error_{};
};

} // namespace oizys::rpc
