// SPDX-License-Identifier: BSL-1.0
//
// Walking through a JSON text: values, names, skipping, raw slices, marks, counts, leases.
#include "codec/json_reader.hpp"
#include "codec/json_reader_lease.hpp"

#include <catch2/catch.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <set>

using namespace oizys;
using rpc::codec_errc;
using rpc::kind;

namespace
{

std::string string_of(std::string_view text)
{
    rpc::json_reader in;
    std::string_view out;
    REQUIRE(in.start(text));
    REQUIRE(in.read_string(out));
    return std::string{out};
}

} // namespace

TEST_CASE("a scalar may be the whole text", "[json]")
{
    rpc::json_reader in;
    std::int64_t integer = 0;
    REQUIRE(in.start(" -5 "));
    CHECK(in.next() == kind::integer);
    CHECK(in.read_int64(integer));
    CHECK(integer == -5);
    CHECK(in.next() == kind::none);

    REQUIRE(in.start("true"));
    bool boolean = false;
    CHECK(in.next() == kind::boolean);
    CHECK(in.read_bool(boolean));
    CHECK(boolean);

    REQUIRE(in.start("null"));
    CHECK(in.next() == kind::null);
    CHECK(in.read_null());
    CHECK(string_of("\"x\"") == "x");
}

TEST_CASE("a number is an integer when it fits 64 bits, and floating otherwise", "[json]")
{
    rpc::json_reader in;
    auto const kind_of = [&](std::string_view text) { return in.start(text), in.next(); };
    CHECK(kind_of("0") == kind::integer);
    CHECK(kind_of("-9223372036854775808") == kind::integer);
    CHECK(kind_of("18446744073709551615") == kind::integer);
    CHECK(kind_of("18446744073709551616") == kind::floating);
    CHECK(kind_of("99999999999999999999") == kind::floating);
    CHECK(kind_of("-9223372036854775809") == kind::floating);
    CHECK(kind_of("1.0") == kind::floating);
    CHECK(kind_of("1e2") == kind::floating);
}

TEST_CASE("escapes are undone", "[json]")
{
    CHECK(string_of(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
    CHECK(string_of(R"("a\u0041\u00e9\u20AC\ud83d\uDE00z")") == "aA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");
    CHECK(string_of(R"("\u0000")") == std::string(1, '\0'));
    CHECK(string_of(R"("\\u0041")") == "\\u0041");
}

TEST_CASE("strings without escapes are views into the text, also after one with escapes", "[json]")
{
    std::string_view const text = R"(["a\n","plain"])";
    rpc::json_reader in;
    std::size_t count;
    std::string_view first, second;
    REQUIRE((in.start(text) && in.enter_array(count) && in.read_string(first) && in.read_string(second)));
    CHECK(first == "a\n");
    CHECK(second.data() == text.data() + 8);
}

TEST_CASE("views stay valid until the next text, however many strings are decoded", "[json]")
{
    std::string text = "[";
    for (int i = 0; i < 1000; ++i)
        text += "\"\\n" + std::string(static_cast<std::size_t>(i), 'x') + std::to_string(i) + "\",";
    text.back() = ']';
    rpc::json_reader in;
    for (int round = 0; round < 2; ++round)
    {
        std::size_t count;
        REQUIRE((in.start(text) && in.enter_array(count)));
        auto const begin = in.mark();
        std::vector<std::string_view> strings;
        for (int pass = 0; pass < 2; ++pass)
        {
            for (in.rewind(begin); in.next() != kind::none;)
                REQUIRE(in.read_string(strings.emplace_back()));
        }
        REQUIRE(strings.size() == 2000);
        for (std::size_t i = 0; i < 1000; ++i)
        {
            if (strings[i] != "\n" + std::string(i, 'x') + std::to_string(i))
                FAIL("string " << i);
            if (strings[i] != strings[1000 + i])
                FAIL("string " << i << ", read again");
        }
    }
}

TEST_CASE("a request is read in any order: mark parameters, read the rest, go back", "[json]")
{
    rpc::json_reader in;
    REQUIRE(in.start(R"( {"params" : [2, {"x":[3]} , "\u0041"] ,"id": 1.50 , "method":"add"} )"));
    std::size_t count;
    REQUIRE(in.enter_object(count));
    CHECK(count == rpc::reader::unknown_count);
    std::string_view name, method, id, params;
    std::optional<rpc::json_reader::place> place;
    while (in.read_key(name))
    {
        if (name == "params")
        {
            place = in.mark();
            CHECK(in.read_raw(params));
        }
        else if (name == "id")
            CHECK(in.read_raw(id));
        else
            CHECK(in.read_string(method));
    }
    REQUIRE(in.leave_object());
    CHECK(in.next() == kind::none);
    CHECK(params == R"([2, {"x":[3]} , "\u0041"])");
    CHECK(id == "1.50");
    CHECK(method == "add");
    for (int again = 0; again < 3; ++again)
    {
        in.rewind(*place);
        std::int64_t two = 0, three = 0;
        std::string_view a;
        REQUIRE((in.enter_array(count) && in.read_int64(two) && in.enter_object(count) && in.read_key(name)));
        REQUIRE((in.enter_array(count) && in.read_int64(three) && in.leave_array() && in.leave_object()));
        REQUIRE((in.read_string(a) && in.next() == kind::none && in.leave_array()));
        CHECK(two + three == 5);
        CHECK(a == "A");
    }
    CHECK(!in.error());
}

TEST_CASE("a mark may be a scalar, the whole text, or a value behind a comma", "[json]")
{
    rpc::json_reader in;
    REQUIRE(in.start("7"));
    auto const root = in.mark();
    std::int64_t v = 0;
    CHECK(in.read_int64(v));
    in.rewind(root);
    CHECK(in.read_int64(v));
    CHECK(v == 7);

    REQUIRE(in.start("[1,2,3]"));
    std::size_t count;
    CHECK((in.enter_array(count) && in.skip()));
    auto const second = in.mark();
    CHECK(in.leave_array());
    in.rewind(second);
    CHECK((in.read_int64(v) && v == 2));
    CHECK((in.read_int64(v) && v == 3));
    CHECK(in.next() == kind::none);
}

TEST_CASE("leaving skips what was not read", "[json]")
{
    rpc::json_reader in;
    REQUIRE(in.start(R"([[1,[2,{"a":[3]}],"]"],{"b":{"c":[]},"d":4},5])"));
    std::size_t count;
    std::string_view name;
    std::int64_t v = 0;
    CHECK((in.enter_array(count) && in.enter_array(count) && in.read_int64(v) && in.leave_array()));
    CHECK((in.enter_object(count) && in.read_key(name) && in.enter_object(count) && in.leave_object()));
    CHECK((in.leave_object() && in.read_int64(v) && in.next() == kind::none && in.leave_array()));
    CHECK(v == 5);
    CHECK(in.next() == kind::none);
}

TEST_CASE("reading at an array's end is wrong_length, and the first error stays", "[json]")
{
    rpc::json_reader in;
    REQUIRE(in.start("[1,true]"));
    std::size_t count;
    std::int64_t v = 0;
    std::string_view text;
    bool boolean = false;
    CHECK((in.enter_array(count) && in.read_int64(v) && in.read_bool(boolean)));
    CHECK(!in.read_int64(v));
    CHECK(in.error() == codec_errc::wrong_length);
    CHECK(in.next() == kind::none);
    CHECK(!in.read_string(text));
    CHECK(!in.skip());
    CHECK(!in.leave_array());
    CHECK(!in.fail(codec_errc::out_of_range));
    CHECK(in.error() == codec_errc::wrong_length);
    CHECK(in.start("1"));
    CHECK(!in.error());
}

TEST_CASE("going back to a mark forgets that a read has failed", "[json]")
{
    rpc::json_reader in;
    REQUIRE(in.start("[true,2]"));
    std::size_t count;
    std::int64_t v = 0;
    bool boolean = false;
    auto const begin = in.mark();
    CHECK((in.enter_array(count) && !in.read_int64(v)));
    CHECK(in.error() == codec_errc::wrong_type);
    in.rewind(begin);
    CHECK(!in.error());
    CHECK((in.enter_array(count) && in.read_bool(boolean) && in.read_int64(v) && in.leave_array()));
    CHECK(v == 2);
}

TEST_CASE("whether there is a next value is told without looking at it", "[json]")
{
    rpc::json_reader in;
    CHECK(!in.has_next());
    REQUIRE(in.start("[[],1]"));
    std::size_t count;
    std::int64_t v = 0;
    CHECK((in.has_next() && in.first() == '[' && in.enter_array(count)));
    CHECK((in.has_next() && in.enter_array(count) && !in.has_next() && in.leave_array()));
    CHECK((in.has_next() && in.first() == '1' && in.read_int64(v) && !in.has_next() && in.leave_array()));
    CHECK(!in.has_next());
    REQUIRE(in.start("1"));
    in.fail(codec_errc::wrong_type);
    CHECK(!in.has_next());
}

TEST_CASE("each read refuses other kinds", "[json]")
{
    rpc::json_reader in;
    bool boolean;
    std::int64_t i;
    std::uint64_t u;
    double d;
    std::string_view s;
    std::int8_t type;
    std::size_t count;
    auto const refused = [&](std::string_view text, auto read) {
        return in.start(text) && !read() && in.error() == codec_errc::wrong_type;
    };
    CHECK(refused("1", [&] { return in.read_null(); }));
    CHECK(refused("1", [&] { return in.read_bool(boolean); }));
    CHECK(refused("\"1\"", [&] { return in.read_int64(i); }));
    CHECK(refused("1.0", [&] { return in.read_int64(i); }));
    CHECK(refused("1e2", [&] { return in.read_uint64(u); }));
    CHECK(refused("null", [&] { return in.read_double(d); }));
    CHECK(refused("1", [&] { return in.read_string(s); }));
    CHECK(refused("[]", [&] { return in.read_binary(s); }));
    CHECK(refused("\"\"", [&] { return in.read_extension(type, s); }));
    CHECK(refused("{}", [&] { return in.enter_array(count); }));
    CHECK(refused("[]", [&] { return in.enter_object(count); }));
}

TEST_CASE("binary data is a string of base64", "[json]")
{
    rpc::json_reader in;
    std::string_view data;
    auto const decodes = [&](std::string_view text, std::string_view to) {
        return in.start(text) && in.read_binary(data) && data == to;
    };
    CHECK(decodes(R"("")", ""));
    CHECK(decodes(R"("Zg==")", "f"));
    CHECK(decodes(R"("Zm8=")", "fo"));
    CHECK(decodes(R"("Zm9v")", "foo"));
    CHECK(decodes(R"("Zm9vYg==")", "foob"));
    CHECK(decodes(R"("\u005am9v")", "foo"));
    CHECK(decodes(R"("+/+/")", "\xfb\xff\xbf"));
    for (std::string_view const wrong :
         {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Zm9v=", "Zh==", "Zm9=", "Z g=", "Zg==Zg==", "-_-_"})
    {
        CAPTURE(wrong);
        std::string const text = "\"" + std::string{wrong} + "\"";
        CHECK(in.start(text));
        CHECK(!in.read_binary(data));
        CHECK(in.error() == codec_errc::wrong_type);
    }
}

TEST_CASE("counts are told to who asks for them", "[json]")
{
    rpc::json_reader in;
    REQUIRE(in.start(R"([[],[1],{"a":[1,2],"b":{}},"[,,"])"));
    in.want_counts();
    std::size_t count = 0;
    std::string_view name;
    CHECK((in.enter_array(count) && count == 4));
    CHECK((in.enter_array(count) && count == 0 && in.leave_array()));
    CHECK((in.enter_array(count) && count == 1 && in.leave_array()));
    CHECK((in.enter_object(count) && count == 2 && in.read_key(name) && in.enter_array(count) && count == 2));
    REQUIRE(in.start("[]"));
    CHECK((in.enter_array(count) && count == rpc::reader::unknown_count));
}

TEST_CASE("no byte beyond the text is read", "[json]")
{
    auto const page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    auto* const memory = static_cast<char*>(
        ::mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    REQUIRE(memory != MAP_FAILED);
    REQUIRE(::mprotect(memory + page, page, PROT_NONE) == 0);
    rpc::json_reader in;
    for (std::string_view const sample :
         {"5", "-", "tru", "true", "\"", "\"x\"", "\"\\u00", "[1,2", "[1.5e3", "{\"a\":[1,2,{\"b\":null}]}"})
        for (std::size_t blanks = 0; blanks < 300; ++blanks)
        {
            std::string const text = std::string(blanks, ' ') + std::string{sample};
            char* const at = memory + page - text.size();
            std::memcpy(at, text.data(), text.size());
            bool const ok = in.start({at, text.size()});
            rpc::json_reader elsewhere;
            if (ok != elsewhere.start(text))
                FAIL(text);
            if (ok && !in.skip())
                FAIL(text);
        }
    ::munmap(memory, 2 * page);
}

TEST_CASE("a lease within a lease is another reader, and readers come back", "[json]")
{
    rpc::json_reader* first = nullptr;
    {
        rpc::json_reader_lease a;
        rpc::json_reader_lease b{{.max_depth = 1}};
        first = &*a;
        CHECK(&*a != &*b);
        CHECK(a->start("[[1]]"));
        CHECK(!b->start("[[1]]"));
        CHECK(a->skip());
    }
    rpc::json_reader_lease again;
    CHECK(&*again == first);
    CHECK(again->start("[[1]]"));
}

TEST_CASE("a reader that has grown large is not kept", "[json]")
{
    {
        rpc::json_reader_lease large;
        CHECK(large->start("\"" + std::string(rpc::json_reader_lease::largest_kept + 1, 'x') + "\""));
        CHECK(large->capacity() > rpc::json_reader_lease::largest_kept);
    }
    rpc::json_reader_lease next;
    CHECK(next->capacity() <= rpc::json_reader_lease::largest_kept);
}

TEST_CASE("more leases than are kept are ordinary", "[json]")
{
    std::vector<std::unique_ptr<rpc::json_reader_lease>> leases;
    std::set<rpc::json_reader*> readers;
    for (int i = 0; i < 10; ++i)
        readers.insert(&**leases.emplace_back(std::make_unique<rpc::json_reader_lease>()));
    CHECK(readers.size() == 10);
}
