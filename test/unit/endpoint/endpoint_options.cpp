// SPDX-License-Identifier: BSL-1.0
//
// The options of endpoints: what each means, which kinds have it, and what is said about one that is wrong.
#include "support.hpp"

#include <oizys/error.hpp>

#include <map>
#include <set>

namespace
{

using oizys::endpoint_options;
using oizys::errc;
using oizys::framing;
using oizys::test::parsed;
using oizys::test::refusal;
using namespace std::chrono_literals;
using namespace std::string_literals;

using texts = std::vector<std::string>;

// A text of each kind with room for options.
std::string with(std::string const& kind, std::string const& options)
{
    std::map<std::string, std::pair<std::string, std::string>> const places{
        {"unix:", {"unix:/x?", ""}},        {"unix:@", {"unix:@x?", ""}},     {"tcp:", {"tcp:h:1?", ""}},
        {"tls:", {"tls:h:1?", ""}},         {"ws:", {"ws://h/#", ""}},        {"wss:", {"wss://h/#", ""}},
        {"ws+unix:", {"ws+unix:x:/#", ""}}, {"stdio:", {"stdio:?", ""}},      {"fd:", {"fd:3?", ""}},
        {"exec:", {"exec?", ":x"}},         {"exec+fd:", {"exec+fd?", ":x"}}, {"shm:", {"shm:x?", ""}},
        {"systemd:", {"systemd:?", ""}},
    };
    auto const& [in_front, behind] = places.at(kind);
    return in_front + options + behind;
}

std::set<std::string> const all_kinds{"unix:",  "unix:@", "tcp:",  "tls:",     "ws:",  "wss:",    "ws+unix:",
                                      "stdio:", "fd:",    "exec:", "exec+fd:", "shm:", "systemd:"};

std::set<std::string> const plain_kinds{
    "unix:", "unix:@", "tcp:", "tls:", "stdio:", "fd:", "exec:", "exec+fd:", "shm:", "systemd:"};

} // namespace

TEST_CASE("each option has a meaning, and is printed again")
{
    struct
    {
        std::string text;
        endpoint_options options;
        std::string printed = text;
    } const rows[] = {
        {"unix:/x?mode=0660", {.mode = 0660}},
        {"unix:/x?mode=600", {.mode = 0600}, "unix:/x?mode=0600"},
        {"unix:/x?mode=0000", {.mode = 0}},
        {"unix:/x?group=users", {.group = "users"}},
        {"unix:/x?mode=0777&group=7", {.mode = 0777, .group = "7"}},
        {"unix:/x?group=a&mode=0660", {.mode = 0660, .group = "a"}, "unix:/x?mode=0660&group=a"},
        {"unix:/x?group=a%26b%25%3d", {.group = "a&b%="}, "unix:/x?group=a%26b%25="},
        {"tls:h:1?cert=c.pem&key=/k=.pem&ca=/etc/ca?x",
         {.certificate = "c.pem", .private_key = "/k=.pem", .authorities = "/etc/ca?x"},
         "tls:h:1?cert=c.pem&key=/k=.pem&ca=/etc/ca%3Fx"},
        {"wss://h/t?q#ca=a%20b#c", {.authorities = "a b#c"}, "wss://h/t?q#ca=a%20b%23c"},
        {"ws://h/#protocol=json", {.protocols = {"json"}}},
        {"ws+unix:x:/#protocol=wamp.2.json,wamp.2.msgpack&mode=0600",
         {.mode = 0600, .protocols = {"wamp.2.json", "wamp.2.msgpack"}},
         "ws+unix:x:/#mode=0600&protocol=wamp.2.json,wamp.2.msgpack"},
        {"shm:/x?spin=50us", {.spin = 50us}},
        {"shm:/x?spin=5ms", {.spin = 5ms}},
        {"shm:/x?spin=5000us", {.spin = 5ms}, "shm:/x?spin=5ms"},
        {"shm:/x?spin=2s", {.spin = 2s}},
        {"shm:/x?spin=0us", {.spin = 0us}, "shm:/x?spin=0s"},
        {"shm:/x?spin=4294967295s", {.spin = 4294967295s}},
        {"shm:/x?capacity=4096", {.capacity = 4096}},
        {"shm:/x?capacity=5000&spin=1us", {.spin = 1us, .capacity = 5000}, "shm:/x?spin=1us&capacity=5000"},
        {"shm:/x?capacity=16777216", {.capacity = 16777216}},
        {"stdio:?framing=header24", {.framing = framing::header24}},
        {"stdio:?framing=newline", {.framing = framing::newline}},
        {"stdio:?framing=json_text", {.framing = framing::json_text}},
        {"stdio:?framing=content_length", {.framing = framing::content_length}},
        {"stdio:?framing=msgpack_object", {.framing = framing::msgpack_object}},
        {"stdio:?framing=detect", {.framing = framing::detect}},
        {"tcp:h:1?negotiate=1", {.negotiate = true}},
        {"tcp:h:1?negotiate=0", {.negotiate = false}},
        {"exec?negotiate=%31:x", {.negotiate = true}, "exec?negotiate=1:x"},
    };
    for (auto const& row : rows)
    {
        CAPTURE(row.text);
        auto const result = parsed(row.text);
        CHECK(result.options() == row.options);
        CHECK(result.to_string() == row.printed);
    }
    CHECK(parsed("unix:/x").options() == endpoint_options{});
}

TEST_CASE("each option belongs to some kinds, and is refused by name elsewhere")
{
    std::map<std::string, std::set<std::string>> const rows{
        {"mode=0600", {"unix:", "ws+unix:", "shm:"}},
        {"group=g", {"unix:", "ws+unix:", "shm:"}},
        {"cert=c", {"tls:", "wss:"}},
        {"key=k", {"tls:", "wss:"}},
        {"ca=c", {"tls:", "wss:"}},
        {"protocol=p", {"ws:", "wss:", "ws+unix:"}},
        {"spin=1us", {"shm:"}},
        {"capacity=4096", {"shm:"}},
        {"framing=detect", plain_kinds},
        {"negotiate=1", plain_kinds},
    };
    for (auto const& [option, kinds] : rows)
        for (auto const& kind : all_kinds)
        {
            auto const text = with(kind, option);
            CAPTURE(text);
            std::string why;
            CHECK(refusal(text, &why).failed() == !kinds.contains(kind));
            if (kinds.contains(kind))
                continue;
            CHECK_THAT(why, Catch::Contains("option \"" + option.substr(0, option.find('=')) +
                                            "\" belongs to another kind"));
            CHECK_THAT(why, Catch::Contains(" takes "));
        }
}

TEST_CASE("an unknown option, or one that is given twice, is refused by name for every kind but WebSockets")
{
    for (auto const& kind : plain_kinds)
    {
        std::string why;
        CHECK(refusal(with(kind, "framing=detect&color=red"), &why) == errc::bad_endpoint);
        CHECK_THAT(why, Catch::Contains("option \"color\" is unknown"));
        CHECK_THAT(why, Catch::Contains("framing, negotiate"));
        CHECK(refusal(with(kind, "framing=detect&negotiate=1&framing=detect"), &why) == errc::bad_endpoint);
        CHECK_THAT(why, Catch::Contains("option \"framing\" is given twice"));
        for (std::string const text :
             {"", "&", "framing=detect&", "&framing=detect", "=1", "negotiate=1&&framing=detect"})
        {
            CHECK(refusal(with(kind, text), &why) == errc::bad_endpoint);
            CHECK_THAT(why, Catch::Contains("option is missing"));
        }
        CHECK(refusal(with(kind, "FRAMING=detect")) == errc::bad_endpoint);
        CHECK(refusal(with(kind, " framing=detect")) == errc::bad_endpoint);
    }
}

TEST_CASE("WebSockets refuse the same, and allow a # with nothing behind")
{
    std::string why;
    for (std::string const kind : {"ws:", "wss:", "ws+unix:"})
    {
        CHECK(refusal(with(kind, "protocol=a&color=red"), &why) == errc::bad_endpoint);
        CHECK_THAT(why, Catch::Contains("option \"color\" is unknown"));
        CHECK(refusal(with(kind, "protocol=a&protocol=b"), &why) == errc::bad_endpoint);
        CHECK_THAT(why, Catch::Contains("option \"protocol\" is given twice"));
        CHECK(refusal(with(kind, "protocol=a&"), &why) == errc::bad_endpoint);
        CHECK_THAT(why, Catch::Contains("option is missing"));
        CHECK(!refusal(with(kind, "")));
    }
}

TEST_CASE("a bad value is refused with the option's name and what was expected")
{
    struct
    {
        std::string kind;
        std::string option;
        texts values;
        std::string expected;
    } const rows[] = {
        {"unix:",
         "mode",
         {"", "rw", "66", "8", "0668", "01777", "1777", "00660", "-660", "0x1b", "660 "},
         "such as 0660"},
        {"unix:", "group", {""}, "the name of a group"},
        {"tls:", "cert", {""}, "the name of a file"},
        {"tls:", "key", {""}, "the name of a file"},
        {"tls:", "ca", {""}, "the name of a file"},
        {"ws:",
         "protocol",
         {"", ",", "a,", ",a", "a,,b", "a b", "a,a", "a%0d%0aX: y", "\xc3\xbc", "a;b"},
         "names"},
        {"shm:",
         "spin",
         {"", "50", "us", "50 us", "-1us", "+1us", "1.5ms", "50ns", "50m", "1usx", "4294967296s", "01us"},
         "50us"},
        {"shm:",
         "capacity",
         {"", "0", "4095", "16777217", "-4096", "04096", "4096 ", "64k", "0x10000", "18446744073709555712"},
         "4096 to 16777216 bytes"},
        {"fd:", "framing", {"", "json", "HEADER24", "message", "header24 "}, "header24, newline, json_text"},
        {"fd:", "negotiate", {"", "true", "2", "01", "yes"}, "1 or 0"},
    };
    for (auto const& row : rows)
        for (auto const& value : row.values)
        {
            auto const text = with(row.kind, row.option + "=" + value);
            CAPTURE(text);
            std::string why;
            CHECK(refusal(text, &why) == errc::bad_endpoint);
            CHECK_THAT(why, Catch::Contains("option \"" + row.option + "\": expected"));
            CHECK_THAT(why, Catch::Contains(row.expected));
        }
    std::string why;
    refusal("fd:3?negotiate", &why);
    CHECK_THAT(why, Catch::Contains("got nothing"));
    for (std::string const value : {"%", "%2", "%zz", "a%00"})
    {
        CHECK(refusal("unix:/x?group=" + value, &why) == errc::bad_endpoint);
        CHECK_THAT(why, Catch::Contains("option \"group\": a % is written %25"));
    }
}

TEST_CASE("what a refusal repeats is short and harmless")
{
    std::string why;
    refusal("unix:/x?\x1b]0;" + std::string(10000, 'n') + "=1", &why);
    CHECK(why.size() < 300);
    CHECK(why.find('\x1b') == why.npos);
    CHECK_THAT(why, Catch::Contains("\\x1B]0;nn"));
}
