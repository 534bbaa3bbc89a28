// SPDX-License-Identifier: BSL-1.0
//
// Our JSON against Boost.JSON: the same texts are accepted, and the values are the same. Differences that
// are meant: an exponent of very many digits is JSON, which Boost.JSON refuses; it takes other numbers beyond a
// double as infinity, where reading ours as a value is out_of_range; and the doubles of Boost.JSON 1.81 may be
// off by a few units in the last place.
#include "codec/json_reader.hpp"
#include "unit/codec/codec_test.hpp"
#include "unit/codec/random_value.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include <cmath>

namespace json = boost::json;
using namespace oizys;

namespace
{

bool same(double a, double b) { return a == b || std::abs(a - b) <= 1e-14 * std::abs(b); }

bool same(rpc::value const& ours, json::value const& theirs)
{
    switch (theirs.kind())
    {
    case json::kind::null: return ours.is_null();
    case json::kind::bool_: return ours == rpc::value{theirs.get_bool()};
    case json::kind::int64: return ours == rpc::value{theirs.get_int64()};
    case json::kind::uint64: return ours == rpc::value{theirs.get_uint64()};
    case json::kind::double_:
        // An integer beyond 64 bits is floating in both; "-0" is an integer here.
        return ours.kind() == rpc::kind::floating ? same(ours.as<double>(), theirs.get_double())
                                                  : ours == rpc::value{0} && theirs.get_double() == 0;
    case json::kind::string:
        return ours == rpc::value{std::string_view{theirs.get_string().data(), theirs.get_string().size()}};
    case json::kind::array:
    {
        auto const& elements = theirs.get_array();
        if (ours.kind() != rpc::kind::array || ours.size() != elements.size())
            return false;
        for (std::size_t i = 0; i < elements.size(); ++i)
            if (!same(ours[i], elements[i]))
                return false;
        return true;
    }
    case json::kind::object:
    {
        auto const* members = ours.get_if<rpc::object>();
        if (members == nullptr || members->size() < theirs.get_object().size())
            return false; // equal names
        for (auto const& [name, element] : theirs.get_object())
        {
            auto const* found = members->find(std::string_view{name.data(), name.size()});
            if (found == nullptr || !same(*found, element))
                return false;
        }
        return true;
    }
    }
    return false;
}

struct comparison
{
    rpc::json_reader in;
    json::parse_options options;
    std::size_t accepted = 0;
    std::size_t rejected = 0;

    comparison() { options.max_depth = 64; }

    void compare(std::string const& text)
    {
        json::error_code ec;
        json::value const theirs = json::parse(text, ec, {}, options);
        if (ec == json::error::exponent_overflow)
            return;
        bool const ours = in.start(text);
        if (ours == ec.failed())
            FAIL("accepted by " << (ours ? "us" : "Boost.JSON") << " only: " << text);
        ++(ours ? accepted : rejected);
        if (!ours)
            return;
        rpc::value v;
        if (rpc::read(in, v))
        {
            if (!same(v, theirs))
                FAIL("read as " << rpc::to_json(v) << ": " << text);
        }
        else if (in.error() != rpc::codec_errc::out_of_range)
            FAIL(in.error().message() << ": " << text);
    }
};

} // namespace

TEST_CASE("what we write, Boost.JSON reads, and back", "[differential]")
{
    test::random_values random{7};
    comparison c;
    for (int i = 0; i < 5000; ++i)
    {
        std::string const text = rpc::to_json(random.any());
        c.compare(text);
        c.compare(json::serialize(json::parse(text)));
    }
    CHECK(c.rejected == 0);
}

TEST_CASE("changed texts are accepted or rejected as Boost.JSON does", "[differential]")
{
    static constexpr std::string_view pieces[] = {"{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  ",",
                                                  ":",
                                                  "\"",
                                                  "\\",
                                                  "\\u",
                                                  "\\ud800",
                                                  "\\udc00",
                                                  "0",
                                                  "1",
                                                  "-",
                                                  "+",
                                                  ".",
                                                  "e",
                                                  "E5",
                                                  "9999999999",
                                                  "true",
                                                  "false",
                                                  "null",
                                                  "tru",
                                                  " ",
                                                  "\n",
                                                  "\t",
                                                  "\f",
                                                  "/",
                                                  "x",
                                                  "\x01",
                                                  "\x7f",
                                                  "\x80",
                                                  "\xc3",
                                                  "\xa9",
                                                  "\xed\xa0\x80",
                                                  "\"a\"",
                                                  "\"b\":",
                                                  "[]",
                                                  "{}",
                                                  "1e400",
                                                  "-0",
                                                  "0.5",
                                                  "18446744073709551615",
                                                  "18446744073709551616"};
    test::random_values random{8};
    comparison c;
    for (int i = 0; i < 150'000; ++i)
    {
        std::string text = rpc::to_json(random.any(3));
        if (text.size() > 300)
            continue;
        for (std::size_t changes = 1 + random.below(3); changes != 0; --changes)
        {
            std::size_t const at = random.below(text.size() + 1);
            std::string_view const piece = pieces[random.below(std::size(pieces))];
            switch (random.below(3))
            {
            case 0: text.insert(at, piece); break;
            case 1: text.erase(at, 1 + random.below(2)); break;
            default: text.replace(at, std::min(text.size() - at, piece.size()), piece);
            }
        }
        c.compare(text);
    }
    CHECK(c.accepted > 10'000);
    CHECK(c.rejected > 10'000);
}
