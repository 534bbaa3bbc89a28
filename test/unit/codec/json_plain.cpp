// SPDX-License-Identifier: BSL-1.0
//
// The short way through plain texts takes exactly the plain texts, and finds in them what the long way finds: for
// whole texts, for each beginning of one, and with each byte replaced.
#include "support/json_scans.hpp"
#include "unit/codec/random_value.hpp"

#include <oizys/rpc/codec/json.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace oizys;
using test::scan_plain_way;
using test::scans_agree;

namespace
{

using tokens = std::vector<std::uint32_t>;

void check(std::string_view text, std::size_t max_depth = 64)
{
    if (!scans_agree(text, max_depth))
        FAIL("the scans differ for " << text);
}

/// The text with letters in place of escapes.
std::string plain(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        out += text[i] == '\\' ? 'x' : text[i];
        i += text[i] == '\\' ? 1 : 0;
    }
    return out;
}

/// The plain text with white space between some of its tokens.
std::string spaced(std::string_view text, test::random_values& random)
{
    std::string out;
    bool in_string = false;
    for (char const c : text)
    {
        in_string ^= c == '"'; // there are no escapes
        out += c;
        if (!in_string && std::string_view{"{}[],:"}.find(c) != std::string_view::npos)
            for (auto n = random.below(3); n != 0; --n)
                out += " \n\r\t"[random.below(4)];
    }
    return out;
}

} // namespace

TEST_CASE("the tokens of requests and answers are found in one pass", "[json]")
{
    CHECK(scan_plain_way("{}", 64) == tokens{0, 1, 2});
    CHECK(scan_plain_way(R"({"a":[1,true]})", 64) == tokens{0, 1, 5, 6, 8, 12, 13, 14});
    CHECK(scan_plain_way(" [ -0.5e+3 , null ]", 64) == tokens{1, 3, 13, 18, 19});
    CHECK(scan_plain_way(R"({"jsonrpc":"2.0","method":"add","params":[2,3],"id":1})", 64).size() == 14);
    CHECK(scan_plain_way("[\"\xc3\xa9\"]", 64) == tokens{0, 1, 5, 6});
}

TEST_CASE("what is not plain is left to the long way", "[json]")
{
    auto const text = GENERATE(as<std::string>{}, "", "1", R"("a")", "null", "[] ", R"(["\n"])", "[\"\xc3\"]",
                               "[\xc3\xa9]", "[\"\t\"]", "[1] []", "[1]]", "[1,]", "[01]", "[1.]", "[+1]",
                               "[tru]", "[truee]", "{1:2}", R"({"a"})", R"({"a":})", R"({"a":1,})", "[1}",
                               "{]", "[", "]", "}", R"(["a])", R"(["a)", "[\x80]",
                               "[\x0b"
                               "1]",
                               "[1\xa0]");
    CAPTURE(text);
    CHECK(scan_plain_way(text, 64).empty());
    check(text);
}

TEST_CASE("a special character is found at every place in a string", "[json]")
{
    for (std::size_t size = 0; size < 40; ++size)
        for (std::size_t at = 0; at < size; ++at)
            for (int c = 0; c < 256; ++c)
            {
                std::string string(size, 'x');
                string[at] = static_cast<char>(c);
                if (size < 20 || c % 16 == 0) // or it takes long
                    check("[\"" + string + "\"]");
            }
}

TEST_CASE("plain texts are bounded in depth and in length", "[json]")
{
    for (std::size_t const depth : {1u, 2u, 63u, 64u, 65u, 100u})
        for (std::size_t const most : {0u, 1u, 2u, 63u, 64u, 65u, 200u})
        {
            check(std::string(depth, '[') + std::string(depth, ']'), most);
            std::string objects;
            for (std::size_t i = 0; i < depth; ++i)
                objects += "{\"\":";
            check(objects + "[]" + std::string(depth, '}'), most);
        }
    for (auto const size : {rpc::detail::longest_plain_text - 1, rpc::detail::longest_plain_text,
                            rpc::detail::longest_plain_text + 1})
    {
        auto const text = "[\"" + std::string(size - 4, 'x') + "\"]";
        CHECK(scan_plain_way(text, 64).empty() == (size > rpc::detail::longest_plain_text));
        check(text);
    }
}

TEST_CASE("both ways through a text find the same, also when it is damaged", "[json]")
{
    test::random_values random{7};
    static constexpr std::string_view replacements = "{}[],:\"\\ 0-.e1tn\x1f\x80\n";
    for (int i = 0; i < 2000; ++i)
    {
        auto text = rpc::to_json(random.any());
        if (random.below(4) != 0)
            text = spaced(plain(text), random);
        check(text);
        check(text, random.below(4));
        if (text.size() > 150)
            continue;
        for (std::size_t at = 0; at < text.size(); ++at)
        {
            check(std::string_view{text}.substr(0, at));
            auto damaged = text;
            damaged[at] = replacements[random.below(replacements.size())];
            check(damaged);
        }
    }
}
