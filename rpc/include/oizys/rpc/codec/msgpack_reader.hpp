// SPDX-License-Identifier: BSL-1.0
//
// Reads msgpack in place: strings, binary data and extensions are views into the message.
// Sizes and counts are compared with the bytes that are left before anything is believed.
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/codec/reader.hpp>

#include <array>
#include <string_view>
#include <vector>

namespace oizys::rpc
{

/// Reads the values in `in` one after another; the bytes must outlive the reader.
///
/// At the outermost level there may be several values: `next()` is `kind::none` when the bytes are used
/// up, and it is for the caller to say whether that, or `rest()`, is what it expected.
/// A member's name may be read by any read function, so that integer keys can be read.
class OIZYS_API msgpack_reader final : public reader
{
public:
    explicit msgpack_reader(std::string_view in = {}, codec_limits limits = {}) noexcept
        : max_depth_(limits.max_depth)
    {
        reset(in);
    }

    /// Starts with another message; an earlier failure is forgotten.
    void reset(std::string_view in) noexcept
    {
        begin_ = at_ = in.data();
        end_ = begin_ + in.size();
        left_ = unbounded;
        depth_ = 0;
        error_ = {};
    }

    /// How many bytes have been read.
    std::size_t position() const noexcept { return static_cast<std::size_t>(at_ - begin_); }
    /// The bytes not read yet.
    std::string_view rest() const noexcept { return {at_, bytes_left()}; }

    kind next() override;
    bool has_next() override { return left_ != 0 && (at_ != end_ || next() != kind::none); }

    bool read_null() override;
    bool read_bool(bool& out) override;
    bool read_int64(std::int64_t& out) override
    {
        if (left_ != 0 && at_ != end_ && static_cast<unsigned char>(*at_) < 0x80)
        {
            --left_;
            out = *at_++;
            return true;
        }
        return read_long_int64(out);
    }
    bool read_uint64(std::uint64_t& out) override
    {
        if (left_ != 0 && at_ != end_ && static_cast<unsigned char>(*at_) < 0x80)
        {
            --left_;
            out = static_cast<unsigned char>(*at_++);
            return true;
        }
        return read_long_uint64(out);
    }
    bool read_integer(std::uint64_t& bits, bool& negative) override;
    bool read_double(double& out) override;
    /// Accepts a str only.
    bool read_string(std::string_view& out) override
    {
        if (left_ != 0 && at_ != end_ && (static_cast<unsigned char>(*at_) & 0xe0) == 0xa0)
        {
            auto const size = static_cast<std::size_t>(*at_ & 0x1f);
            if (bytes_left() <= size)
                return fail(codec_errc::truncated);
            --left_;
            out = {at_ + 1, size};
            at_ += 1 + size;
            return true;
        }
        return read_long_string(out);
    }
    /// Accepts a bin, and a str as writers older than bin send it.
    bool read_binary(std::string_view& out) override;
    bool read_extension(std::int8_t& type, std::string_view& out) override;

    bool enter_array(std::size_t& count) override
    {
        if (left_ != 0 && at_ != end_ && (static_cast<unsigned char>(*at_) & 0xf0) == 0x90)
        {
            auto const size = static_cast<std::size_t>(*at_ & 0x0f);
            if (size < bytes_left() && depth_ < max_depth_ && depth_ < outer_.size())
            {
                outer_[depth_++] = left_ - 1;
                left_ = count = size;
                ++at_;
                return true;
            }
        }
        return enter_long_array(count);
    }
    bool leave_array() override { return leave(); }
    bool enter_object(std::size_t& count) override;
    bool read_key(std::string_view& out) override { return left_ != 0 && read_string(out); }
    bool leave_object() override { return leave(); }

    bool skip() override;
    bool read_raw(std::string_view& out) override;

    boost::system::error_code error() const noexcept override;
    bool fail(codec_errc why) noexcept override;

private:
    static constexpr std::uint64_t unbounded = static_cast<std::uint64_t>(-1);

    std::size_t bytes_left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
    bool failed() const noexcept { return error_ != codec_errc{}; }

    bool read_long_int64(std::int64_t& out);
    bool read_long_uint64(std::uint64_t& out);
    bool read_long_string(std::string_view& out);
    bool enter_long_array(std::size_t& count);

    /// Takes the tag of the next value.
    bool take_tag(unsigned& tag);
    /// Takes 1, 2, 4 or 8 bytes as an unsigned number, big endian.
    bool take_number(std::size_t bytes, std::uint64_t& out);
    bool take_bytes(std::uint64_t size, std::string_view& out);
    bool take_str(unsigned tag, std::string_view& out);
    bool take_extension(unsigned tag, std::int8_t& type, std::string_view& out);
    /// The value behind an integer's tag, as two's complement.
    bool take_integer(unsigned tag, std::uint64_t& out, bool& negative);
    bool take_array(unsigned tag, std::size_t& count);
    bool take_object(unsigned tag, std::size_t& count);

    bool enter(std::uint64_t values);
    bool leave();
    void pop() noexcept;
    /// Skips the next value, and an array of such values, if its first byte tells how long it is.
    bool skip_simple() noexcept;
    bool skip_simple_array() noexcept;
    /// Takes a value that is not a container, or enters a container.
    bool skip_head();
    /// Skips what is left of all levels deeper than `depth`.
    bool close_down_to(std::size_t depth);

    char const* begin_;
    char const* at_;
    char const* end_;
    std::uint64_t left_; ///< values left in the innermost array or object (two for each member)
    std::size_t depth_;
    std::size_t max_depth_;
    codec_errc error_;
    std::array<std::uint64_t, 64> outer_;       ///< left_ of the levels further out; not initialised
    std::vector<std::uint64_t> outermost_more_; ///< the same beyond 64 levels
};

} // namespace oizys::rpc
