// SPDX-License-Identifier: BSL-1.0
//
// The kinds of endpoints that are more than a name and a port: WebSockets, descriptors, commands, systemd.
#include "support.hpp"

#include <oizys/error.hpp>

using oizys::endpoint;
using oizys::errc;
using oizys::test::parsed;
using oizys::test::refusal;
using enum oizys::endpoint_kind;
using namespace std::string_literals;

TEST_CASE("a WebSocket's text names a host, a port and a target")
{
    struct
    {
        std::string text;
        oizys::endpoint_kind kind;
        std::string host;
        std::uint16_t port;
        std::string target;
        std::string printed = text;
    } const rows[] = {
        {"ws://localhost:8080/chat", ws, "localhost", 8080, "/chat"},
        {"wss://example.org:8443/a/b", wss, "example.org", 8443, "/a/b"},
        {"ws://localhost/", ws, "localhost", 80, "/"},
        {"wss://localhost/", wss, "localhost", 443, "/"},
        {"ws://localhost", ws, "localhost", 80, "/", "ws://localhost/"},
        {"ws://localhost:80/x", ws, "localhost", 80, "/x", "ws://localhost/x"},
        {"wss://localhost:443", wss, "localhost", 443, "/", "wss://localhost/"},
        {"wss://localhost:80/", wss, "localhost", 80, "/"},
        {"ws://localhost:0/", ws, "localhost", 0, "/"},
        {"ws://127.0.0.1:1/", ws, "127.0.0.1", 1, "/"},
        {"ws://[::1]/x", ws, "::1", 80, "/x"},
        {"ws://[::1]:90/x", ws, "::1", 90, "/x"},
        {"ws://h/a%20b?room=1&user=%3F?:/@x", ws, "h", 80, "/a%20b?room=1&user=%3F?:/@x"},
        {"ws://h?room=1", ws, "h", 80, "/?room=1", "ws://h/?room=1"},
        {"ws://h//", ws, "h", 80, "//"},
        {"ws+unix:/run/x.sock:/chat?a=b", ws_unix, "/run/x.sock", 0, "/chat?a=b"},
        {"ws+unix:relative:/", ws_unix, "relative", 0, "/"},
        {"ws+unix:/run/x.sock", ws_unix, "/run/x.sock", 0, "/", "ws+unix:/run/x.sock:/"},
        {"ws+unix:/x?a=b", ws_unix, "/x", 0, "/?a=b", "ws+unix:/x:/?a=b"},
        {"ws+unix:/a:/b:/t", ws_unix, "/a:/b", 0, "/t", "ws+unix:/a%3A/b:/t"},
        {"ws+unix:/a:/t?url=ws://h:/", ws_unix, "/a", 0, "/t?url=ws://h:/"},
    };
    for (auto const& row : rows)
    {
        CAPTURE(row.text);
        auto const result = parsed(row.text);
        CHECK(result.kind() == row.kind);
        CHECK(result.name() == row.host);
        CHECK(result.port() == row.port);
        CHECK(result.target() == row.target);
        CHECK(result.to_string() == row.printed);
    }
}

TEST_CASE("a text that is not a WebSocket's is refused")
{
    auto const text = GENERATE("ws:"s, "ws:localhost"s, "ws:/localhost"s, "ws://"s, "ws:///x"s, "ws://:80/"s,
                               "ws://localhost:/"s, "ws://localhost:x/"s, "ws://localhost:65536/"s,
                               "ws://user@localhost/"s, "ws://::1/"s, "ws://::1:80/"s, "ws://[::1]x/"s,
                               "ws://h/a b"s, "ws://h/a\r\nX: y"s, "ws://h/\xc3\xbc"s, "ws://h/\x7f"s,
                               "ws+unix:"s, "ws+unix:@x:/"s, "ws+unix::/t"s, "ws+unix:/%zz:/"s);
    CAPTURE(text);
    CHECK(refusal(text) == errc::bad_endpoint);
}

TEST_CASE("an option in the query of a target is refused, because it was meant for here")
{
    for (std::string const text : {"wss://h/?ca=x", "wss://h?ca=x", "wss://h/x?room=1&cert=y",
                                   "ws+unix:/x:/?protocol=a", "ws+unix:/x?mode=0600", "wss://h/?key"})
    {
        std::string why;
        CHECK(refusal(text, &why) == errc::bad_endpoint);
        CHECK_THAT(why, Catch::Contains("stand behind #"));
    }
    // With a # it was: there is nothing behind, or what is for here.
    CHECK(parsed("wss://h/?key=abc#").target() == "/?key=abc");
    CHECK(parsed("wss://h/?key=abc#").to_string() == "wss://h/?key=abc#");
    auto const both = parsed("wss://h/?key=abc#ca=x");
    CHECK(both.target() == "/?key=abc");
    CHECK(both.options().authorities == "x");
    CHECK(parsed("wss://h/?room=1#") == parsed("wss://h/?room=1"));
    // What is no option of this kind, or is written otherwise, is the other end's.
    CHECK(parsed("ws://h/?key=1&mode=2").target() == "/?key=1&mode=2");
    CHECK(parsed("wss://h/?%6Bey=1").target() == "/?%6Bey=1");
    CHECK(parsed("wss://h/ca=1?x=ca").target() == "/ca=1?x=ca");
}

TEST_CASE("descriptors are one or two numbers, or standard input and output")
{
    auto const one = parsed("fd:3");
    CHECK(one.kind() == fd);
    CHECK(one.fd_in() == 3);
    CHECK(one.fd_out() == 3);
    CHECK(one.to_string() == "fd:3");

    auto const two = parsed("fd:0,2147483647");
    CHECK(two.fd_in() == 0);
    CHECK(two.fd_out() == 2147483647);
    CHECK(two.to_string() == "fd:0,2147483647");
    CHECK(parsed("fd:7,7") == endpoint{"fd:7"});

    auto const standard = parsed("stdio:");
    CHECK(standard.kind() == stdio);
    CHECK(standard.fd_in() == 0);
    CHECK(standard.fd_out() == 1);

    CHECK(parsed("unix:/x").fd_in() == -1);
    CHECK(parsed("unix:/x").fd_out() == -1);

    for (std::string const text : {"fd:", "fd:x", "fd:-1", "fd:+1", "fd:1,", "fd:,1", "fd:1,2,3", "fd:1 ",
                                   "fd:01", "fd:2147483648", "fd:1;2", "stdio:x", "stdio: "})
    {
        CAPTURE(text);
        CHECK(refusal(text) == errc::bad_endpoint);
    }
}

TEST_CASE("a command is split into words, and may hold what begins options elsewhere")
{
    auto const plain = parsed("exec:clangd --log=error");
    CHECK(plain.kind() == exec);
    CHECK(plain.words() == std::vector<std::string>{"clangd", "--log=error"});
    CHECK(plain.to_string() == "exec:clangd --log=error");

    auto const odd = parsed("exec+fd:  'my tool'  what?x=1&y:z# %3F \"\" ");
    CHECK(odd.kind() == exec_fd);
    CHECK(odd.words() == std::vector<std::string>{"my tool", "what?x=1&y:z#", "%3F", ""});
    CHECK(odd.to_string() == "exec+fd:'my tool' what?x=1&y:z# %3F ''");

    auto const options = parsed("exec?framing=content_length&negotiate=0:clangd ?a=b:c");
    CHECK(options.words() == std::vector<std::string>{"clangd", "?a=b:c"});
    CHECK(options.options().framing == oizys::framing::content_length);
    CHECK(options.to_string() == "exec?framing=content_length&negotiate=0:clangd ?a=b:c");
    CHECK(parsed("exec+fd?negotiate=1:x").to_string() == "exec+fd?negotiate=1:x");

    for (std::string const text :
         {"exec:", "exec: ", "exec:''", "exec:'' x", "exec:'", "exec:a \"b", "exec:a\\", "exec?:x",
          "exec?framing=detect", "exec?color=1:x", "exec+:x", "exec+fd"})
    {
        CAPTURE(text);
        CHECK(refusal(text) == errc::bad_endpoint);
    }
}

TEST_CASE("systemd's descriptors may be named as systemd allows")
{
    CHECK(parsed("systemd:").kind() == systemd);
    CHECK(parsed("systemd:").name().empty());
    CHECK(parsed("systemd:calculator.socket").name() == "calculator.socket");
    CHECK(parsed("systemd:" + std::string(255, 'n')).name().size() == 255);
    CHECK(parsed("systemd:?framing=detect").options().framing == oizys::framing::detect);
    for (std::string const& text : {"systemd:a:b"s, "systemd:a%3Ab"s, "systemd:a\nb"s, "systemd:\xc3\xbc"s,
                                    "systemd:" + std::string(256, 'n')})
    {
        CAPTURE(text);
        CHECK(refusal(text) == errc::bad_endpoint);
    }
}

TEST_CASE("shared memory is met at a path, and tls at a host and a port")
{
    CHECK(parsed("shm:/run/x").kind() == shm);
    CHECK(parsed("shm:/run/x").name() == "/run/x");
    CHECK(refusal("shm:") == errc::bad_endpoint);
    CHECK(refusal("shm:@x") == errc::bad_endpoint);

    auto const encrypted = parsed("tls:[::1]:8443");
    CHECK(encrypted.kind() == tls);
    CHECK(encrypted.name() == "::1");
    CHECK(encrypted.port() == 8443);
    CHECK(encrypted.to_string() == "tls:[::1]:8443");
    CHECK(refusal("tls:localhost") == errc::bad_endpoint);
}
