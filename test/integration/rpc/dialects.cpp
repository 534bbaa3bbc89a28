// SPDX-License-Identifier: BSL-1.0
//
// Proves that one listening socket serves every dialect at once, told by its first bytes, and refuses what is
// none of them.
#include "raw_client.hpp"

using namespace oizys;
using namespace oizys::test;
using namespace std::string_literals;

namespace
{

std::string const json_request = R"({"jsonrpc":"2.0","method":"add","params":[2,3],"id":1})";
std::string const json_answer = R"({"jsonrpc":"2.0","result":5,"id":1})";
std::string const packed_request = "\x94\x00\x01\xa3"
                                   "add"
                                   "\x92\x02\x03"s;
std::string const packed_answer = "\x94\x01\x01\xc0\x05"s;

struct dialect
{
    char const* name;
    std::string request;
    std::string answer;
};

std::string with_length(std::string const& text)
{
    return "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
}

std::vector<dialect> dialects()
{
    return {
        {"header24 with JSON", framed(json_request), framed(json_answer)},
        {"header24 with msgpack", framed(packed_request), framed(packed_answer)},
        {"JSON text", json_request, json_answer + '\n'},
        {"JSON text by lines", json_request + '\n', json_answer + '\n'},
        {"JSON text behind white space", " \r\n\t" + json_request + "\r\n", json_answer + '\n'},
        {"a JSON batch", '[' + json_request + ']', '[' + json_answer + "]\n"},
        {"JSON behind Content-Length", with_length(json_request), with_length(json_answer)},
        {"msgpack behind Content-Length", with_length(packed_request), with_length(packed_answer)},
        {"raw msgpack", packed_request, packed_answer},
        {"raw msgpack in a wide array", "\xdc\x00\x04"s + packed_request.substr(1), packed_answer},
        {"raw msgpack in a wider array", "\xdd\x00\x00\x00\x04"s + packed_request.substr(1), packed_answer},
    };
}

} // namespace

TEST_CASE("each dialect is answered in its own framing and protocol")
{
    raw_server server{plain_service()};
    for (auto const& [name, request, answer] : dialects())
    {
        INFO(name);
        raw_client client{server};
        for (int again = 0; again < 3; ++again)
        {
            client.send(request);
            CHECK(client.receive(answer.size()) == answer);
        }
    }
}

TEST_CASE("all dialects are spoken at once, many messages in one write, and byte by byte")
{
    raw_server server{plain_service()};
    auto const all = dialects();
    std::vector<std::unique_ptr<raw_client>> clients;
    while (clients.size() < all.size())
        clients.push_back(std::make_unique<raw_client>(server));
    for (std::size_t i = 0; i < all.size(); ++i)
    {
        std::string many;
        for (int n = 0; n < 100; ++n)
            many += all[i].request;
        clients[i]->send(many);
    }
    for (std::size_t i = 0; i < all.size(); ++i)
    {
        INFO(all[i].name);
        std::string many;
        for (int n = 0; n < 100; ++n)
            many += all[i].answer;
        CHECK(clients[i]->receive(many.size()) == many);
        clients[i]->send_slowly(all[i].request + all[i].request);
        CHECK(clients[i]->receive(2 * all[i].answer.size()) == all[i].answer + all[i].answer);
    }
    CHECK(server.server.peers().size() == all.size());
}

TEST_CASE("the peer of each dialect knows its protocol, and calls back in it")
{
    rpc::service service = plain_service();
    service.method("call me",
                   [](rpc::call_context& call) { CHECK(!call.caller().notify("hi", std::tuple{1})); });
    raw_server server{service};
    auto const expect = [&](std::string const& request, std::string const& notification,
                            rpc::protocol protocol) {
        raw_client client{server};
        client.send(request);
        CHECK(client.receive(notification.size()) == notification);
        REQUIRE(server.server.peers().size() == 1);
        CHECK(server.server.peers()[0].protocol() == protocol);
        client.close();
        CHECK(run_until(server.io, [&] { return server.server.peers().empty(); }));
    };
    std::string const json = R"({"jsonrpc":"2.0","method":"call me"})";
    std::string const json_note = R"({"jsonrpc":"2.0","method":"hi","params":[1]})";
    std::string const packed = "\x93\x02\xa7"
                               "call me"
                               "\x90";
    std::string const packed_note = "\x93\x02\xa2hi\x91\x01";
    expect(json, json_note + '\n', rpc::protocol::json);
    expect(framed(json), framed(json_note), rpc::protocol::json);
    expect(packed, packed_note, rpc::protocol::msgpack);
    expect(framed(packed), framed(packed_note), rpc::protocol::msgpack);
}

TEST_CASE("JSON text that begins with white space is JSON whatever its first line is")
{
    raw_server server{plain_service()};
    raw_client client{server};
    client.send("\n\x93\x02\xa1x\x90\n" + json_request + '\n');
    auto const both = R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null})" +
                      ('\n' + json_answer) + '\n';
    CHECK(client.receive(both.size()) == both);
}

TEST_CASE("first bytes of no dialect close the connection with an error that says so")
{
    for (std::string const& first : {"\x01"s, "get / HTTP/1.1\r\n\r\n"s, "hello"s, "\x7f\xf1\x00\x00"s,
                                     "\x90"s, "\x92"s, "\xff\xff\xff\xff"s, "\"text\""s, "1"s, "null"s})
    {
        raw_server server{plain_service()};
        raw_client client{server}, other{server};
        client.send(first);
        CHECK(client.receive_all().empty());
        CHECK(run_until(server.io, [&] { return !server.closes.empty(); }));
        CHECK(server.closes == std::vector<error_code>{oizys::errc::unknown_protocol});
        other.send(json_request);
        CHECK(other.receive(json_answer.size()) == json_answer);
    }
}

TEST_CASE("a client that says nothing is closed after the handshake timeout, and one that spoke once is not")
{
    rpc::server_options options;
    options.listener.session.handshake_timeout = std::chrono::milliseconds{500};
    raw_server server{plain_service(), options};
    raw_client speaking{server};
    speaking.send(json_request);
    CHECK(speaking.receive(json_answer.size()) == json_answer);
    raw_client silent{server};
    CHECK(silent.receive_all().empty());
    CHECK(run_until(server.io, [&] { return server.closes.size() == 1; }));
    CHECK(server.closes[0] == oizys::errc::handshake_timeout);
    speaking.send(json_request);
    CHECK(speaking.receive(json_answer.size() + 2) == '\n' + json_answer + '\n');
}

TEST_CASE("a client that closes its sending side is still answered")
{
    raw_server server{plain_service()};
    for (auto const& [name, request, answer] : dialects())
    {
        INFO(name);
        raw_client client{server};
        client.send(request + request);
        client.shutdown_send();
        CHECK(client.receive_all() == answer + answer);
    }
}
