// SPDX-License-Identifier: BSL-1.0
//
// Feeds a framer with its input in pieces, as a session does, and checks on the way what every step of
// every framer must keep. Each call sees an exact copy of the bytes, so that looking behind them is found.
#pragma once

#include <oizys/wire/framer.hpp>

#include <catch2/catch.hpp>

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace oizys::test
{

struct framed
{
    std::vector<std::string> messages;
    boost::system::error_code error;
    std::string rest; ///< what was neither a message nor skipped; meaningless after an error

    friend bool operator==(framed const& a, framed const& b)
    {
        return a.messages == b.messages && a.error == b.error && (a.error || a.rest == b.rest);
    }

    friend std::ostream& operator<<(std::ostream& out, framed const& f)
    {
        for (auto const& message : f.messages)
            out << Catch::Detail::stringify(message.substr(0, 40)) << " ";
        return out << f.error.message() << " rest " << Catch::Detail::stringify(f.rest.substr(0, 40));
    }
};

class feeder
{
public:
    explicit feeder(wire::framer f) : framer_{f} {}

    void add(std::string_view chunk)
    {
        if (result_.error)
            return;
        result_.rest += chunk;
        while (step()) {}
    }

    framed const& result() const { return result_; }
    framing kind() const { return framer_.kind(); }

private:
    bool step()
    {
        std::vector<char> const exact{result_.rest.begin(), result_.rest.end()};
        std::string_view const input{exact.data(), exact.size()};
        auto const at_once = framer_.whole_header24(input);
        bool const known = framer_.kind() == framing::header24;
        auto const s = framer_.next(input);
        // The short way to a whole frame finds the same.
        bool const found = known && s.what == wire::frame_step::status::frame;
        REQUIRE((at_once == (found ? s.payload : std::string_view{})));
        switch (s.what)
        {
        case wire::frame_step::status::need_more:
            REQUIRE(s.size > input.size());
            REQUIRE((!promised_ || (s.exact && s.size == *promised_)));
            if (s.exact)
                promised_ = s.size;
            return false;
        case wire::frame_step::status::skip:
            REQUIRE(s.size > 0);
            REQUIRE(s.size <= input.size());
            REQUIRE(!promised_);
            result_.rest.erase(0, s.size);
            return true;
        case wire::frame_step::status::frame:
            REQUIRE(s.size > 0);
            REQUIRE(s.size <= input.size());
            REQUIRE(!s.payload.empty());
            REQUIRE(s.payload.data() >= input.data());
            REQUIRE(s.payload.data() + s.payload.size() <= input.data() + s.size);
            REQUIRE((!promised_ || s.size == *promised_));
            promised_.reset();
            result_.messages.emplace_back(s.payload);
            result_.rest.erase(0, s.size);
            return true;
        case wire::frame_step::status::failed:
            REQUIRE(s.error);
            REQUIRE(!promised_);
            result_.error = s.error;
            return false;
        }
        FAIL("a step that is none of the four");
        return false;
    }

    wire::framer framer_;
    framed result_;
    std::optional<std::size_t> promised_; ///< the exact size of the frame in front
};

inline framed feed(framing kind, std::size_t max_message, std::vector<std::string_view> const& chunks)
{
    feeder f{wire::framer{kind, max_message}};
    for (auto const chunk : chunks)
        f.add(chunk);
    return f.result();
}

/// The result of the whole input at once, after checking that it is the same byte by byte, in all ways to
/// split the input in two, and with every short piece in the middle.
inline framed feed_all_ways(framing kind, std::string_view input, std::size_t max_message = 16777215)
{
    auto const whole = feed(kind, max_message, {input});

    feeder bytewise{wire::framer{kind, max_message}};
    for (std::size_t i = 0; i < input.size(); ++i)
        bytewise.add(input.substr(i, 1));
    REQUIRE(bytewise.result() == whole);

    for (std::size_t cut = 0; cut <= input.size(); ++cut)
    {
        INFO("cut at " << cut);
        REQUIRE(feed(kind, max_message, {input.substr(0, cut), input.substr(cut)}) == whole);
        auto const second = cut + cut % 5;
        if (second > cut && second <= input.size())
            REQUIRE(feed(kind, max_message,
                         {input.substr(0, cut), input.substr(cut, second - cut), input.substr(second)}) ==
                    whole);
    }
    return whole;
}

/// Bytes from a literal, zeros included.
template <std::size_t N>
std::string bytes(char const (&literal)[N])
{
    return {literal, N - 1};
}

} // namespace oizys::test
