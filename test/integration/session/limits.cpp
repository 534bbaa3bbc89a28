// SPDX-License-Identifier: BSL-1.0
//
// Proves the limits of a session: what is sent beyond one is refused, the session stays usable and sends
// nothing of it; what is received beyond one ends the session before memory is taken for it.
#include "transports.hpp"

namespace
{

using namespace oizys::test;
using oizys::errc;

enum class way
{
    text,
    view,
    owned,
    in_place,
};

constexpr way all_ways[] = {way::text, way::view, way::owned, way::in_place};

error_code send(oizys::session& s, way how, std::string const& message)
{
    error_code ec;
    switch (how)
    {
    case way::text: return error_of_send(s, message);
    case way::view: s.send(std::string_view{message}, ec); break;
    case way::owned: s.send_owned(message, ec); break;
    case way::in_place:
        s.begin_message() += message;
        s.end_message(ec);
        break;
    }
    return ec;
}

} // namespace

TEMPLATE_LIST_TEST_CASE("an empty or too long message is refused and leaves nothing", "", wide_transports)
{
    asio::io_context io;
    auto const pair = TestType::make(io, {.max_message = 100000});
    witness b;
    b.watch(*pair.b);
    texts sent;
    for (auto const how : all_ways)
    {
        CHECK(send(*pair.a, how, "") == errc::message_empty);
        CHECK(send(*pair.a, how, std::string(100001, 'x')) == errc::message_too_large);
        CHECK(pair.a->queued_bytes() == 0);
        sent.push_back(std::string(100000, 'y'));
        CHECK(!send(*pair.a, how, sent.back()));
        sent.emplace_back("z");
        CHECK(!send(*pair.a, how, sent.back()));
        REQUIRE(run_until(io, [&] { return b.messages.size() == sent.size(); }));
        settle(io);
    }
    CHECK((b.messages == sent));
    CHECK(pair.a->is_open());
}

TEST_CASE("a line feed is refused where messages are lines, and leaves nothing")
{
    asio::io_context io;
    oizys::session_options const options{.framing = oizys::framing::newline};
    auto const pair = over_memory::make(io, options, options);
    witness b;
    b.watch(*pair.b);
    for (auto const how : all_ways)
    {
        for (std::string const bad : {"a\nb", "\n", "a\r\n", "a\r"})
            CHECK(send(*pair.a, how, bad) == errc::message_has_newline);
        CHECK(send(*pair.a, how, std::string(100000, 'x') + "\ny") == errc::message_has_newline);
        CHECK(pair.a->queued_bytes() == 0);
        CHECK(!send(*pair.a, how, "a\rb"));
        settle(io);
    }
    CHECK(b.messages == texts(4, "a\rb"));
    CHECK(pair.a->is_open());
}

TEST_CASE("max_queued_bytes counts what the framing adds")
{
    asio::io_context io;
    using enum oizys::framing;
    std::pair<oizys::framing, std::size_t> const rows[] = {
        {header24, 4}, {json_text, 1}, {newline, 1}, {content_length, 23}, {msgpack_object, 0}, {message, 8}};
    for (auto const& [kind, added] : rows)
        for (auto const how : all_ways)
        {
            INFO("framing " << static_cast<int>(kind));
            auto const pair = over_memory::make(io, {.framing = kind, .max_queued_bytes = 100 + added});
            CHECK(send(*pair.a, how, std::string(101, 'x')) == errc::queue_full);
            CHECK(!send(*pair.a, how, std::string(100, 'x')));
            CHECK(pair.a->queued_bytes() == 100 + added);
        }
}

TEST_CASE("no option makes header24 carry more than its length can say")
{
    asio::io_context io;
    auto const pair = over_memory::make(io, {.max_message = 1u << 25});
    witness b;
    b.watch(*pair.b);
    std::string const longest(16777215, 'x');
    for (auto const how : all_ways)
        CHECK(send(*pair.a, how, longest + "x") == errc::message_too_large);
    CHECK(pair.a->queued_bytes() == 0);
    CHECK(!send(*pair.a, way::owned, longest));
    REQUIRE(run_until(io, [&] { return b.messages.size() == 1; }));
    CHECK((b.messages[0] == longest));
}

TEST_CASE("a session tells how long a message it can send")
{
    asio::io_context io;
    auto const can_send = [&](oizys::session_options const& options) {
        return over_memory::make(io, options).a->max_message();
    };
    CHECK(can_send({}) == 16777215);
    CHECK(can_send({.max_message = 1000}) == 1000);
    CHECK(can_send({.max_message = 1u << 25}) == 16777215);
    CHECK(can_send({.framing = oizys::framing::json_text, .max_message = 1u << 25}) == 1u << 25);
}

TEST_CASE("the other framings carry messages as long as the option allows")
{
    asio::io_context io;
    oizys::session_options const options{.framing = oizys::framing::json_text, .max_message = 1u << 25};
    auto const pair = over_memory::make(io, options, options);
    witness b;
    b.watch(*pair.b);
    auto const text = "[" + std::string(20000000, ' ') + "]";
    CHECK(!send(*pair.a, way::owned, text));
    REQUIRE(run_until(io, [&] { return b.closed() || b.messages.size() == 1; }));
    CHECK((b.messages == texts{text}));
}

TEMPLATE_LIST_TEST_CASE("a received message may be as long as the limit and no longer", "", every_transport)
{
    asio::io_context io;
    auto const pair = TestType::make(io, {}, {.max_message = 1000});
    witness a;
    witness b;
    a.watch(*pair.a);
    b.watch(*pair.b);
    pair.a->send(std::string(1000, 'x'));
    if (pair.a->negotiated()) // it knows
    {
        CHECK(error_of_send(*pair.a, std::string(1001, 'x')) == errc::message_too_large);
        return;
    }
    pair.a->send(std::string(1001, 'x'));
    pair.a->send("behind");
    REQUIRE(run_until(io, [&] { return b.closed() && a.closed(); }));
    CHECK((b.messages == texts{std::string(1000, 'x')}));
    CHECK(b.closed_with(errc::message_too_large));
}

TEMPLATE_LIST_TEST_CASE("a full queue refuses, stays as it is, and is usable once there is room", "",
                        wide_transports)
{
    asio::io_context io;
    // Larger than what the socket and the pipe take.
    constexpr std::size_t limit = 3000000;
    for (auto const how : all_ways)
    {
        auto const pair = TestType::make(io, {.max_queued_bytes = limit});
        std::string const text(50000, 'x');
        std::size_t sent = 0;
        for (;;)
        {
            auto const before = pair.a->queued_bytes();
            auto const ec = send(*pair.a, how, text);
            CHECK(pair.a->queued_bytes() <= limit);
            if (ec)
            {
                CHECK(ec == errc::queue_full);
                CHECK(pair.a->queued_bytes() == before);
                break;
            }
            REQUIRE(++sent < 1000);
            if (sent == 10)
                settle(io); // some of it is under way
        }
        CHECK(pair.a->is_open());
        CHECK(pair.a->queued_bytes() > limit - text.size() - 4);

        witness b;
        b.watch(*pair.b);
        REQUIRE(run_until(io, [&] { return b.messages.size() == sent; }));
        CHECK(!send(*pair.a, how, "more"));
        REQUIRE(run_until(io, [&] { return b.messages.size() == sent + 1; }));
        CHECK(b.messages.back() == "more");
        CHECK(!b.closed());
    }
}

TEST_CASE("the limit of the queue counts headers, exactly")
{
    asio::io_context io;
    auto const pair = over_memory::make(io, {.max_queued_bytes = 20});
    for (auto const how : all_ways)
    {
        CHECK(send(*pair.a, how, std::string(17, 'x')) == errc::queue_full);
        CHECK(pair.a->queued_bytes() == 0);
    }
    CHECK(!send(*pair.a, way::text, std::string(6, 'x')));
    CHECK(!send(*pair.a, way::in_place, std::string(6, 'x')));
    CHECK(pair.a->queued_bytes() == 20);
    CHECK(send(*pair.a, way::view, "x") == errc::queue_full);
    CHECK(pair.a->queued_messages() == 2);
}

TEMPLATE_LIST_TEST_CASE("a full queue within a message handler is an error like any other", "",
                        wide_transports)
{
    asio::io_context io;
    auto const pair = TestType::make(io, {}, {.max_queued_bytes = 100});
    error_code seen;
    pair.b->set_onreceive([&](oizys::incoming&) {
        while (!seen)
            pair.b->send(std::string_view{"0123456789"}, seen);
        pair.b->pause_reading();
    });
    witness a;
    a.watch(*pair.a);
    pair.a->send("go");
    REQUIRE(run_until(io, [&] { return a.messages.size() == 100 / TestType::framed_size(10); }));
    CHECK(seen == errc::queue_full);
    CHECK(pair.b->is_open());
}

TEMPLATE_LIST_TEST_CASE("a message can be taken back, refused, and opened again", "", wide_transports)
{
    asio::io_context io;
    auto const pair = TestType::make(io, {.max_message = 10});
    witness b;
    b.watch(*pair.b);
    error_code ec;
    pair.a->begin_message() += "one";
    pair.a->end_message(ec);
    CHECK(!ec);
    pair.a->begin_message() += "taken back";
    pair.a->cancel_message();
    pair.a->begin_message() += "much too long for this session";
    pair.a->end_message(ec);
    CHECK(ec == errc::message_too_large);
    pair.a->begin_message();
    pair.a->end_message(ec);
    CHECK(ec == errc::message_empty);
    CHECK(pair.a->queued_messages() == 1);
    pair.a->begin_message() += "two";
    pair.a->end_message(ec);
    CHECK(!ec);
    CHECK(pair.a->queued_messages() == 2);
    REQUIRE(run_until(io, [&] { return b.messages.size() == 2; }));
    CHECK(b.messages == texts{"one", "two"});

    pair.a->begin_message() += "taken back";
    pair.a->cancel_message();
    CHECK(pair.a->queued_bytes() == 0);
    pair.a->send("three");
    REQUIRE(run_until(io, [&] { return b.messages.size() == 3; }));
    CHECK(b.messages.back() == "three");
}
