// SPDX-License-Identifier: BSL-1.0
//
// Proves how an event becomes a line of text, whatever it holds.
#include <oizys/log.hpp>

#include "log_emit.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace oizys;
using namespace std::string_literals;

namespace
{

std::string line_of(std::string const& text, std::vector<log_field> const& fields = {},
                    log_level level = log_level::info)
{
    return to_logfmt({.level = level, .text = text, .fields = fields});
}

std::string value_line(std::string_view value) { return line_of("t", {{"v", value}}); }

/// What is written to stderr while `f` runs.
template <class F>
std::string stderr_of(F f)
{
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    int const before = ::dup(STDERR_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    f();
    ::dup2(before, STDERR_FILENO);
    ::close(before);
    ::close(ends[1]);
    std::string text(4096, '\0');
    auto const n = ::read(ends[0], text.data(), text.size());
    ::close(ends[0]);
    text.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return text;
}

} // namespace

TEST_CASE("an event is one line of names and values")
{
    CHECK(line_of("started") == "level=info text=started");
    CHECK(line_of("refused uid 7", {{"endpoint", "unix:/run/calc.sock"}, {"uid", "7"}}, log_level::warning) ==
          R"(level=warning text="refused uid 7" endpoint=unix:/run/calc.sock uid=7)");
}

TEST_CASE("each level has a name")
{
    CHECK(to_string(log_level::debug) == "debug");
    CHECK(to_string(log_level::info) == "info");
    CHECK(to_string(log_level::warning) == "warning");
    CHECK(to_string(log_level::error) == "error");
    CHECK(to_string(static_cast<log_level>(99)) == "unknown");
}

TEST_CASE("values are quoted where they could be misread")
{
    struct
    {
        std::string value;
        std::string written;
    } const table[] = {
        {"plain/value:1.5-x_y@z", "plain/value:1.5-x_y@z"},
        {"", R"("")"},
        {"two words", R"("two words")"},
        {"a=b", R"("a=b")"},
        {R"(say "hi")", R"("say \"hi\"")"},
        {R"(back\slash)", R"("back\\slash")"},
        {"gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\""},
        {"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""},
    };
    for (auto const& [value, written] : table)
        CHECK(value_line(value) == "level=info text=t v=" + written);
}

TEST_CASE("nothing that a stranger chose can forge a line or reach the terminal")
{
    struct
    {
        std::string value;
        std::string written;
    } const table[] = {
        {"a\nlevel=error text=forged", R"("a\nlevel=error text=forged")"},
        {"\r\t", R"("\r\t")"},
        {"\0"s, R"("\x00")"},
        {"\x1b[2J", R"("\x1b[2J")"},
        {"\x7f", R"("\x7f")"},
        {"\xff", R"("\xff")"},                         // no UTF-8
        {"\xc3", R"("\xc3")"},                         // cut off
        {"\xc3(", R"("\xc3(")"},                       // continued wrongly
        {"\xc0\x8a", R"("\xc0\x8a")"},                 // a line feed, overlong
        {"\xe0\x80\x8a", R"("\xe0\x80\x8a")"},         // longer
        {"\xed\xa0\x80", R"("\xed\xa0\x80")"},         // a surrogate
        {"\xf4\x90\x80\x80", R"("\xf4\x90\x80\x80")"}, // beyond Unicode
        {"\xc2\x9b"
         "2J",
         R"("\xc2\x9b2J")"},                   // another ESC [
        {"\xe2\x80\xa8", R"("\xe2\x80\xa8")"}, // line separator
        {"\xe2\x80\xae", R"("\xe2\x80\xae")"}, // right to left from here
        {"\xe2\x81\xa6", R"("\xe2\x81\xa6")"}, // isolate
    };
    for (auto const& [value, written] : table)
    {
        CHECK(value_line(value) == "level=info text=t v=" + written);
        CHECK_THAT(line_of(value), Catch::EndsWith(written));
    }
    std::string all;
    for (int c = 0; c < 256; ++c)
        all += static_cast<char>(c);
    for (char const c : value_line(all))
        CHECK((c >= ' ' && c < 0x7f));
}

TEST_CASE("the ready-made hook writes one line per event to stderr, from its level on")
{
    auto const written = stderr_of([] {
        auto const log = log_to_stderr(log_level::warning);
        log({.level = log_level::info, .text = "not this", .fields = {}});
        log({.level = log_level::warning, .text = "this one", .fields = {}});
        log({.level = log_level::error, .text = "and this", .fields = {}});
    });
    CHECK(written == "level=warning text=\"this one\"\nlevel=error text=\"and this\"\n");
}

TEST_CASE("an exception of the hook's is ignored")
{
    int calls = 0;
    log_handler const hook = [&](log_event const&) {
        ++calls;
        throw std::runtime_error{"disk full"};
    };
    detail::emit(hook, {.level = log_level::info, .text = "t", .fields = {}});
    CHECK(calls == 1);
}
