// SPDX-License-Identifier: BSL-1.0
//
// Proves that a client which sends garbage, half a frame, too much, too deep or too fast harms nobody but
// itself: the service lives on and the others are served.
#include "raw_client.hpp"

using namespace oizys;
using namespace oizys::test;
using namespace std::string_literals;

namespace
{

std::string const request = R"({"jsonrpc":"2.0","method":"add","params":[2,3],"id":1})";
std::string const answer = R"({"jsonrpc":"2.0","result":5,"id":1})"
                           "\n";

void check_served(raw_server& server)
{
    raw_client good{server};
    good.send(request);
    CHECK(good.receive(answer.size()) == answer);
}

std::string repeated(std::size_t count, std::string_view what)
{
    std::string all;
    all.reserve(count * what.size());
    for (std::size_t i = 0; i < count; ++i)
        all += what;
    return all;
}

constexpr std::size_t million = 1000000;

} // namespace

TEST_CASE("bytes that break the framing close their connection with an error that says why")
{
    struct
    {
        std::string bytes;
        error_code why;
    } const all[] = {
        {"\x00\x00\x00\x00"s, oizys::errc::bad_frame},
        {framed(request) + "\x01\x00\x00\x01x"s, oizys::errc::bad_frame},
        {"\x00\xff\xff\xff"s, oizys::errc::message_too_large},
        {"\x94\x00\x01\xdb\xff\xff\xff\xff"s, oizys::errc::message_too_large},
        {"\x94\x00\x01\xc1"s, oizys::errc::malformed_message},
        {"\xdd\xff\xff\xff\xff"s, oizys::errc::message_too_large},
        {"[" + std::string(2 * million, ' '), oizys::errc::message_too_large},
        {"{\"" + std::string(2 * million, 'x'), oizys::errc::message_too_large},
        {"\x93\x02\xa1x\x90\x05"s, rpc::errc::bad_message},
        {framed("\x93\x02\xa1x"), rpc::errc::bad_message},
    };
    rpc::server_options options;
    options.listener.session.max_message = million;
    raw_server server{plain_service(), options};
    for (auto const& [bytes, why] : all)
    {
        INFO(why.message());
        raw_client client{server};
        client.send(bytes);
        client.receive_all();
        CHECK(run_until(server.io, [&] { return server.closes.size() == 1; }));
        CHECK(server.closes == std::vector{why});
        server.closes.clear();
        check_served(server);
        CHECK(run_until(server.io, [&] { return server.server.peers().empty(); }));
        server.closes.clear();
    }
}

TEST_CASE("half a message is waited for, and its end without the other half is eof")
{
    raw_server server{plain_service()};
    for (std::string const& half : {request.substr(0, 30), framed(request).substr(0, 2),
                                    framed(request).substr(0, 30), "\x94\x00\x01\xa3"s + "ad"})
    {
        raw_client client{server};
        client.send(half);
        check_served(server);
        CHECK(client.received().empty());
        server.closes.clear();
        client.close();
        CHECK(run_until(server.io, [&] { return server.closes.size() == 1; }));
        CHECK(server.closes[0] == asio::error::eof);
    }
}

TEST_CASE("texts that are no JSON are each answered, and the connection lives on")
{
    raw_server server{plain_service()};
    raw_client client{server};
    std::string const parse_error =
        R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null})"
        "\n";
    for (std::string const& garbage :
         {"{]\n"s, "[}\n"s, "{\"a\n"s, "{\"\xff\":1}"s, "[1,]"s, "{1:2}"s, "[tru]"s})
    {
        INFO(garbage);
        client.send(garbage);
        CHECK(client.receive(parse_error.size()) == parse_error);
        client.send(request);
        CHECK(client.receive(answer.size()) == answer);
    }
}

TEST_CASE("JSON and msgpack a million levels deep are refused without a deep stack")
{
    raw_server server{plain_service()};
    std::string const parse_error =
        R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null})";
    auto const open = std::string(million, '[');
    auto const close = std::string(million, ']');
    for (std::string const& text :
         {open + close, R"({"jsonrpc":"2.0","method":"echo","params":)" + open + close + R"(,"id":1})",
          repeated(million, R"({"a":)") + '1' + std::string(million, '}')})
    {
        raw_client client{server};
        client.send(text);
        CHECK(client.receive(parse_error.size()) == parse_error);
        raw_client in_frame{server};
        in_frame.send(framed(text));
        CHECK(in_frame.receive(framed(parse_error).size()) == framed(parse_error));
    }
    auto const packed = "\x94\x00\x01\xa4"
                        "echo"s +
                        std::string(million, '\x91') + '\xc0';
    for (std::string const& bytes : {packed, framed(packed)})
    {
        raw_client client{server};
        client.send(bytes);
        CHECK(client.receive_all().empty());
    }
    CHECK(std::ranges::count(server.closes, error_code{rpc::errc::bad_message}) == 2);
    check_served(server);
}

TEST_CASE("huge numbers, strings, names and ids are read or refused, and ids come back")
{
    raw_server server{plain_service()};
    raw_client client{server};
    auto const ask = [&](std::string const& text, std::string const& expected) {
        client.send(text);
        auto const line = expected + '\n';
        CHECK((client.receive(line.size()) == line));
    };
    auto const digits = std::string(million, '7');
    ask(R"({"jsonrpc":"2.0","method":"nothing","id":)" + digits + "}",
        R"({"jsonrpc":"2.0","result":null,"id":)" + digits + "}");
    ask(R"({"jsonrpc":"2.0","method":"nothing","id":")" + digits + "\"}",
        R"({"jsonrpc":"2.0","result":null,"id":")" + digits + "\"}");
    ask(R"({"jsonrpc":"2.0","method":"echo","params":[")" + digits + R"("],"id":1})",
        R"({"jsonrpc":"2.0","result":")" + digits + R"(","id":1})");
    ask(R"({"jsonrpc":"2.0","method":")" + digits + R"(","id":1})",
        R"({"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":1})");
    client.send(R"({"jsonrpc":"2.0","method":"add","params":[1,)" + digits + R"(],"id":"end"})");
    auto const refused = R"({"jsonrpc":"2.0","error":{"code":-32602,)"s;
    CHECK(client.receive(refused.size()) == refused);
}

TEST_CASE("an id that fills a message makes its error answer one without the id")
{
    rpc::server_options options;
    options.listener.session.max_message = 1000;
    raw_server server{plain_service(), options};
    raw_client client{server};
    client.send(R"({"jsonrpc":"2.0","method":"refuse","id":")" + std::string(940, 'i') + "\"}");
    std::string const too_large =
        R"({"jsonrpc":"2.0","error":{"code":-32001,"message":"the answer is longer than a message may be"},"id":null})"
        "\n";
    CHECK(client.receive(too_large.size()) == too_large);
    client.send(request);
    CHECK(client.receive(answer.size()) == answer);
}

TEST_CASE("a client that floods requests and never reads answers is closed, with bounded memory")
{
    auto const protocol = both_protocols();
    auto service = plain_service();
    std::size_t served = 0;
    service.method("long", [&] {
        ++served;
        return std::string(10000, 'x');
    });
    // The other end takes nothing: whatever does not fit into the pipe is queued here.
    conversation with{
        service, {.protocol = protocol}, {.second = {.max_queued_bytes = 100000}, .capacity = 10000}};
    with.other->pause_reading();
    auto const json = R"({"jsonrpc":"2.0","method":"long","id":1})"s;
    auto const packed = "\x94\x00\x01\xa4"
                        "long"
                        "\x90"s;
    std::size_t most_queued = 0;
    for (int i = 0; i < 1000 && with.closes.empty(); ++i)
    {
        error_code ec;
        with.other->send(protocol == rpc::protocol::json ? json : packed, ec);
        settle(with.io);
        most_queued = std::max(most_queued, with.peer.session().queued_bytes());
    }
    CHECK(with.closed_with(oizys::errc::queue_full));
    CHECK(most_queued > 50000);
    CHECK(most_queued <= 100000);
    CHECK(served < 20);
}

TEST_CASE("a client that floods over a socket and never reads is closed, and the others are served")
{
    auto service = plain_service();
    service.method("long", [] { return std::string(100000, 'x'); });
    rpc::server_options options;
    options.listener.session.max_queued_bytes = million;
    options.listener.session.pause_reading_above = 0; // else it would only be made to wait
    raw_server server{service, options};
    asio::local::stream_protocol::socket flood{server.io};
    flood.connect(asio::local::stream_protocol::endpoint{server.dir.file("socket")});
    auto const requests = repeated(1000, R"({"jsonrpc":"2.0","method":"long","id":1})");
    bool done = false;
    asio::async_write(flood, asio::buffer(requests), [&](error_code, std::size_t) { done = true; });
    CHECK(run_until(server.io, [&] { return !server.closes.empty(); }));
    CHECK(server.closes == std::vector<error_code>{oizys::errc::queue_full});
    check_served(server);
    flood.close();
    CHECK(run_until(server.io, [&] { return done; }));
}

TEST_CASE("a result that is longer than a message may be is an error, and the connection lives on")
{
    auto const protocol = both_protocols();
    auto service = plain_service();
    service.method("long", [](std::size_t n) { return std::string(n, 'x'); });
    two_peers peers{protocol, {}, service, {}, {.second = {.max_message = 1000}}};
    call_result<std::string> fits, too_long;
    call_result<int> next;
    peers.a.async_call<std::string>("long", std::tuple{900}, fits.handler());
    peers.a.async_call<std::string>("long", std::tuple{1000}, too_long.handler());
    peers.a.async_call<int>("add", std::tuple{2, 3}, next.handler());
    settle(peers.io);
    CHECK(fits.answered_with(std::string(900, 'x')));
    CHECK(too_long.answered_with_error(rpc::result_too_large));
    CHECK(next.answered_with(5));
}
