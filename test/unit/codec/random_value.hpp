// SPDX-License-Identifier: BSL-1.0
//
// Random values, the same ones in every run: the seed is fixed and printed where a test fails.
#pragma once

#include <oizys/rpc/codec/value.hpp>

#include <bit>
#include <cmath>
#include <random>
#include <string>

namespace oizys::test
{

class random_values
{
public:
    explicit random_values(std::uint64_t seed) : random_(seed) {}

    /// Whether binary data and extensions may occur, which JSON does not have.
    bool with_binary = false;

    std::uint64_t bits() { return random_(); }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

    /// A finite double; all exponents are equally likely.
    double finite_double()
    {
        for (;;)
        {
            double const v =
                below(4) == 0 ? static_cast<double>(below(100000)) / 16 : std::bit_cast<double>(bits());
            if (std::isfinite(v))
                return v;
        }
    }

    /// An integer; all lengths are equally likely.
    rpc::value integer()
    {
        std::uint64_t const magnitude = bits() >> below(64);
        return below(2) == 0 ? rpc::value{magnitude}
                             : rpc::value{static_cast<std::int64_t>(0 - (magnitude >> 1))};
    }

    /// UTF-8, with all that has to be escaped.
    std::string text()
    {
        static constexpr char const* pieces[] = {"a",
                                                 "bc",
                                                 " ",
                                                 "\"",
                                                 "\\",
                                                 "/",
                                                 "\n",
                                                 "\x01",
                                                 "\x7f",
                                                 "é",
                                                 "\u20ac",
                                                 "\xf0\x9f\x98\x80",
                                                 "{",
                                                 "]",
                                                 ",",
                                                 ":",
                                                 "plain text, rather long"};
        std::string out;
        for (std::size_t n = below(4) == 0 ? below(40) : below(5); n != 0; --n)
            out += pieces[below(std::size(pieces))];
        return out;
    }

    rpc::bytes data()
    {
        rpc::bytes out(below(20));
        for (std::byte& b : out)
            b = static_cast<std::byte>(bits());
        return out;
    }

    rpc::value any(int depth = 5)
    {
        switch (below(depth > 0 ? 9 : 5))
        {
        case 0: return nullptr;
        case 1: return below(2) == 0;
        case 2: return integer();
        case 3: return finite_double();
        case 4:
            if (with_binary && below(3) == 0)
                return data();
            if (with_binary && below(3) == 0)
                return rpc::extension{static_cast<std::int8_t>(bits()), data()};
            return text();
        case 5:
        case 6:
        {
            rpc::array out;
            for (std::size_t n = below(6); n != 0; --n)
                out.push_back(any(depth - 1));
            return out;
        }
        default:
        {
            rpc::object out;
            for (std::size_t n = below(6); n != 0; --n)
                out[text()] = any(depth - 1);
            return out;
        }
        }
    }

private:
    std::mt19937_64 random_;
};

} // namespace oizys::test
