// SPDX-License-Identifier: BSL-1.0
//
// Proves that a recording is read as it was written, in any pieces, and that damaged ones are refused.
#include "recording.hpp"

#include "failure.hpp"
#include "replay_inbox.hpp"
#include "zstd_file.hpp"

#include "support/temp_dir.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace oizys::cli;
using namespace std::chrono_literals;

namespace
{

std::vector<record> const some{
    {.time = 0us, .connection = 1, .kind = record_kind::opened},
    {.time = 17us, .connection = 1, .kind = record_kind::to_server, .message = "hello"},
    {.time = 3600s,
     .connection = 4294967295,
     .kind = record_kind::to_client,
     .message = std::string(300, '\0')},
    {.time = 3601s, .connection = 1, .kind = record_kind::closed},
};

std::string whole()
{
    std::string out{recording_header()};
    for (auto const& one : some)
        out += encode(one);
    return out;
}

/// Whether records meet there.
bool is_boundary(std::size_t at)
{
    std::size_t end = recording_header().size();
    bool found = at == end;
    for (auto const& one : some)
        found = found || at == (end += encode(one).size());
    return found;
}

/// Reads until more is needed.
std::vector<record> read_all(recording_reader& from)
{
    std::vector<record> out;
    for (;;)
    {
        auto next = from.next();
        REQUIRE(next.has_value());
        if (!*next)
            return out;
        out.push_back(std::move(**next));
    }
}

std::string contents(std::string const& path)
{
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST_CASE("a recording is read as it was written, at every split")
{
    auto const bytes = whole();
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut)
    {
        recording_reader reader;
        reader.feed(std::string_view{bytes}.substr(0, cut));
        auto found = read_all(reader);
        bool const at_boundary = reader.at_boundary();
        reader.feed(std::string_view{bytes}.substr(cut));
        auto const more = read_all(reader);
        found.insert(found.end(), more.begin(), more.end());
        INFO("cut at " << cut);
        REQUIRE(found == some);
        REQUIRE(reader.at_boundary());
        REQUIRE(at_boundary == is_boundary(cut));
    }
}

TEST_CASE("what is no recording is refused")
{
    auto const header = std::string{recording_header()};
    auto const bytes = GENERATE_COPY(as<std::string>{}, "x", "oizys recording 2\n",
                                     header + "\xff\xff\xff\xff", header + std::string("\0\0\0\1\xc0", 5),
                                     header + std::string("\0\0\0\x06\x94\0\1\x09\xc4\0", 10),
                                     header + std::string("\0\0\0\x06\x94\xff\1\0\xc4\0", 10));
    recording_reader reader;
    reader.feed(bytes);
    CHECK(reader.next().has_error());
}

TEST_CASE("a compressed file holds what was written, also without its end")
{
    oizys::test::temp_dir folder;
    auto const path = folder.file("r.zst");
    std::string const text(500000, 'x');
    {
        zstd_file_writer to{path};
        to.write(text);
        to.flush();
        zstd_file_reader unfinished{path};
        std::string found;
        for (auto more = unfinished.read(); !more.empty(); more = unfinished.read())
            found += more;
        CHECK(found == text);
        CHECK(unfinished.was_cut_off());
        to.write("end");
        to.finish();
    }
    CHECK(contents(path).size() < 1000);
    zstd_file_reader from{path};
    std::string found;
    for (auto more = from.read(); !more.empty(); more = from.read())
        found += more;
    CHECK(found == text + "end");
    CHECK_FALSE(from.was_cut_off());
}

TEST_CASE("a file that is not compressed, or not there, is refused")
{
    oizys::test::temp_dir folder;
    CHECK_THROWS_AS(zstd_file_reader{folder.file("nothing")}, failure);
    CHECK_THROWS_AS(zstd_file_writer{folder.file("no/folder")}, failure);
    std::ofstream{folder.file("plain")} << "plain text";
    zstd_file_reader plain{folder.file("plain")};
    CHECK_THROWS_AS(plain.read(), failure);
    CHECK_THROWS_WITH(zstd_file_writer{"/dev/full"}.finish(), Catch::Matchers::Contains("No space"));
}

TEST_CASE("an answer is compared with the one to the same request, whatever came first")
{
    replay_inbox inbox;
    CHECK(inbox.add(R"({"id":2,"result":"two"})"));
    CHECK(inbox.add(R"({"method":"tick","params":[1]})"));
    CHECK(inbox.add(R"({"id":1,"result":"one"})"));
    CHECK(inbox.take(R"({"id":1,"result":"then"})") == R"({"id":1,"result":"one"})");
    CHECK(inbox.take(R"({"id":1,"result":"then"})") == std::nullopt);
    CHECK(inbox.take(R"({"method":"tock"})") == std::nullopt);
    CHECK(inbox.take(R"({"method":"tick"})") == R"({"method":"tick","params":[1]})");
    CHECK(inbox.take(R"({"error":{},"id":2})") == R"({"id":2,"result":"two"})");
    CHECK(inbox.size() == 0);
}

TEST_CASE("white space makes no difference, anything else does")
{
    CHECK(same_content(R"({"a": 1})", R"({"a":1})"));
    CHECK_FALSE(same_content(R"({"a":1})", R"({"a":2})"));
    CHECK_FALSE(same_content("[1]", "\x91\x01"));
    CHECK(same_content("\xff", "\xff"));
}
