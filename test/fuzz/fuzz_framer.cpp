// SPDX-License-Identifier: BSL-1.0
//
// Feeds any bytes to a framer of each framing, whole and in pieces, each time as an exact copy: the
// messages and the error must be the same, and every step must keep what frame_step promises.
//
// Input: framing, limit, seed of the pieces, then the bytes of the stream.
#include <oizys/wire/framer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace
{

using oizys::framing;
using oizys::wire::frame_step;

void require(bool holds)
{
    if (!holds)
        std::abort();
}

class stream
{
public:
    stream(framing kind, std::size_t max_message) : framer_{kind, max_message}, max_message_{max_message} {}

    void add(std::string_view piece)
    {
        if (error_)
            return;
        rest_ += piece;
        while (step()) {}
    }

    friend bool operator==(stream const& a, stream const& b)
    {
        return a.messages_ == b.messages_ && a.error_ == b.error_ && (a.error_ || a.rest_ == b.rest_) &&
               a.framer_.kind() == b.framer_.kind();
    }

private:
    bool step()
    {
        auto const exact = std::make_unique<char[]>(rest_.size());
        std::ranges::copy(rest_, exact.get());
        std::string_view const input{exact.get(), rest_.size()};
        auto const at_once = framer_.whole_header24(input);
        bool const known = framer_.kind() == framing::header24;
        auto const s = framer_.next(input);
        require(at_once == (known && s.what == frame_step::status::frame ? s.payload : std::string_view{}));
        switch (s.what)
        {
        case frame_step::status::frame:
            require(!s.payload.empty() && s.payload.size() <= max_message_ && s.size <= input.size());
            require(s.payload.data() >= input.data() &&
                    s.payload.data() + s.payload.size() <= input.data() + s.size);
            require(!promised_ || *promised_ == s.size);
            promised_.reset();
            messages_.emplace_back(s.payload);
            rest_.erase(0, s.size);
            return true;
        case frame_step::status::skip:
            require(!promised_ && s.size > 0 && s.size <= input.size());
            rest_.erase(0, s.size);
            return true;
        case frame_step::status::need_more:
            require(s.size > input.size());
            require(!promised_ || (s.exact && *promised_ == s.size));
            require(!s.exact || s.size - s.payload_offset <= max_message_);
            if (s.exact)
                promised_ = s.size;
            return false;
        case frame_step::status::failed:
            require(s.error.failed() && !promised_);
            error_ = s.error;
            return false;
        }
        std::abort();
    }

    oizys::wire::framer framer_;
    std::size_t max_message_;
    std::vector<std::string> messages_;
    std::string rest_;
    boost::system::error_code error_;
    std::optional<std::size_t> promised_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    if (size < 3 || size > 4096)
        return 0;
    constexpr framing kinds[] = {framing::header24, framing::json_text, framing::msgpack_object,
                                 framing::detect,   framing::newline,   framing::content_length,
                                 framing::message};
    constexpr std::size_t limits[] = {16777215, 1000, 64, 1};
    auto const kind = kinds[data[0] % std::size(kinds)];
    auto const limit = limits[data[1] % 4];
    std::uint32_t seed = data[2];
    std::string const bytes{data + 3, data + size};

    stream whole{kind, limit};
    whole.add(bytes);

    stream pieces{kind, limit};
    for (std::size_t at = 0; at < bytes.size();)
    {
        seed = seed * 1664525u + 1013904223u;
        auto const n = 1 + (seed >> 16) % (1 + data[2] % 32);
        pieces.add(std::string_view{bytes}.substr(at, n));
        at += n;
    }
    require(pieces == whole);
    return 0;
}
