// SPDX-License-Identifier: BSL-1.0
//
// Runs the blocks of docs/protocol.md against the framers and against real peers, and compares its limits with
// the headers. How a block reads is told at the beginning of that page.
#include "support/run_until.hpp"
#include "support/source_file.hpp"
#include "unit/wire/feed.hpp"

#include <oizys/error.hpp>
#include <oizys/listener.hpp>
#include <oizys/rpc/codec/json.hpp>
#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/peer.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

#include <limits>
#include <map>
#include <optional>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

namespace
{

namespace asio = boost::asio;
namespace rpc = oizys::rpc;
using local = asio::local::stream_protocol;

struct line
{
    std::string keyword;
    std::string rest;
};

/// ```kind option...
/// keyword rest
/// ```
struct block
{
    std::string kind;
    std::vector<std::string> words;             ///< without '='
    std::map<std::string, std::size_t> options; ///< name=number
    std::vector<line> lines;
    std::size_t at_line = 0;
};

std::vector<block> blocks_of(std::string const& page)
{
    std::vector<block> blocks;
    std::istringstream in{page};
    std::string text;
    bool inside = false;
    for (std::size_t number = 1; std::getline(in, text); ++number)
    {
        std::istringstream words{text};
        std::string word;
        if (text.starts_with("```"))
        {
            inside = !inside;
            if (!inside)
                continue;
            auto& b = blocks.emplace_back();
            b.at_line = number;
            words.ignore(3);
            words >> b.kind;
            while (words >> word)
            {
                auto const equals = word.find('=');
                if (equals == std::string::npos)
                    b.words.push_back(word);
                else
                    b.options[word.substr(0, equals)] = std::stoul(word.substr(equals + 1));
            }
        }
        else if (inside && words >> word)
        {
            std::string rest;
            std::getline(words >> std::ws, rest);
            blocks.back().lines.push_back({word, rest});
        }
    }
    return blocks;
}

/// Pairs of hexadecimal digits, and text in single quotes; `#` begins a comment.
std::string bytes_of(std::string const& literal)
{
    std::string bytes;
    for (std::size_t at = 0; at < literal.size() && literal[at] != '#';)
    {
        if (literal[at] == ' ')
            ++at;
        else if (literal[at] == '\'')
        {
            auto const end = literal.find('\'', at + 1);
            if (end == std::string::npos)
                throw std::runtime_error{"a quote is missing: " + literal};
            bytes += literal.substr(at + 1, end - at - 1);
            at = end + 1;
        }
        else
        {
            std::size_t used = 0;
            bytes += static_cast<char>(std::stoi(literal.substr(at, 2), &used, 16));
            if (used != 2)
                throw std::runtime_error{"not two digits: " + literal.substr(at)};
            at += 2;
        }
    }
    return bytes;
}

oizys::framing framing_of(std::string const& name)
{
    std::map<std::string, oizys::framing> const names{{"header24", oizys::framing::header24},
                                                      {"json_text", oizys::framing::json_text},
                                                      {"newline", oizys::framing::newline},
                                                      {"content_length", oizys::framing::content_length},
                                                      {"msgpack_object", oizys::framing::msgpack_object},
                                                      {"detect", oizys::framing::detect}};
    return names.at(name);
}

oizys::errc error_of(std::string const& name)
{
    std::map<std::string, oizys::errc> const names{{"bad_frame", oizys::errc::bad_frame},
                                                   {"message_too_large", oizys::errc::message_too_large},
                                                   {"malformed_message", oizys::errc::malformed_message},
                                                   {"unknown_protocol", oizys::errc::unknown_protocol}};
    return names.at(name);
}

std::size_t option(block const& b, std::string const& name, std::size_t otherwise)
{
    auto const found = b.options.find(name);
    return found == b.options.end() ? otherwise : found->second;
}

// --- stream

void run_stream(block const& b)
{
    std::string wire;
    std::vector<std::string> messages;
    boost::system::error_code error;
    bool waits = false;
    for (auto const& [keyword, rest] : b.lines)
    {
        if (keyword == "bytes")
            wire += bytes_of(rest);
        else if (keyword == "gives")
            messages.push_back(bytes_of(rest));
        else if (keyword == "fails")
            error = error_of(rest);
        else if (keyword == "waits")
            waits = true;
        else
            FAIL("unknown keyword " << keyword);
    }
    auto const result = oizys::test::feed_all_ways(
        framing_of(b.words.at(0)), wire, option(b, "max_message", oizys::session_options{}.max_message));
    CHECK(result.messages == messages);
    CHECK(result.error == error);
    if (!error)
        CHECK(result.rest.empty() == !waits);
}

// --- conversation and call

rpc::service calculator()
{
    rpc::service service;
    service.method("add", {"a", "b"}, [](int a, int b) { return a + b; });
    service.method("subtract", {"minuend", "subtrahend"}, [](int a, int b) { return a - b; });
    service.method("sum", [](rpc::rest<int> const& numbers) {
        int sum = 0;
        for (int const n : numbers)
            sum += n;
        return sum;
    });
    service.method("divide", {"a", "b"}, [](double a, double b) {
        if (b == 0)
            throw rpc::error{1, "division by zero", rpc::object{{"dividend", a}}};
        return a / b;
    });
    service.method("fail", {"message"},
                   [](std::string const& message) { throw std::runtime_error{message}; });
    service.method("echo", {"value"}, [](rpc::value const& v) { return v; });
    service.method("get_data", [] { return std::tuple{"hello", 5}; });
    service.method("nan", [] { return std::numeric_limits<double>::quiet_NaN(); });
    service.method("long", [] { return std::string(200, 'x'); });
    service.method("update", [](rpc::rest<rpc::value> const&) {});
    return service;
}

/// Plain bytes at one end of a socket pair; the other end belongs to oizys.
class other_end
{
public:
    explicit other_end(asio::io_context& io) : io_{io}, socket_{io}, theirs_{io}
    {
        asio::local::connect_pair(socket_, theirs_);
        socket_.non_blocking(true);
    }

    std::shared_ptr<oizys::session> session(oizys::session_options const& options)
    {
        return oizys::create_session(asio::generic::stream_protocol::socket{std::move(theirs_)}, options);
    }

    void send(std::string const& bytes) { asio::write(socket_, asio::buffer(bytes)); }
    void end_sending() { socket_.shutdown(local::socket::shutdown_send); }

    void expect(std::string const& wanted)
    {
        oizys::test::run_until(io_, [&] { return receive() >= wanted.size() || closed_; });
        CHECK(received_.substr(0, wanted.size()) == wanted);
        received_.erase(0, wanted.size());
    }

    void expect_end()
    {
        CHECK(oizys::test::run_until(io_, [&] {
            receive();
            return closed_;
        }));
        CHECK(received_ == "");
    }

private:
    std::size_t receive()
    {
        std::array<char, 4096> room;
        boost::system::error_code ec;
        while (!ec)
            received_.append(room.data(), socket_.read_some(asio::buffer(room), ec));
        closed_ = ec != asio::error::would_block;
        return received_.size();
    }

    asio::io_context& io_;
    local::socket socket_;
    local::socket theirs_;
    std::string received_;
    bool closed_ = false;
};

void run_conversation(block const& b)
{
    asio::io_context io;
    other_end other{io};
    rpc::peer_options options{.protocol = rpc::protocol::detect};
    options.max_batch = option(b, "max_batch", options.max_batch);
    options.codec.max_depth = option(b, "max_depth", options.codec.max_depth);
    options.version_required = option(b, "version_required", 1) != 0;
    oizys::session_options session_options{.framing = oizys::framing::detect};
    session_options.max_message = option(b, "max_message", session_options.max_message);
    rpc::peer const peer{other.session(session_options), calculator(), options};

    bool closed = false;
    for (auto const& [keyword, rest] : b.lines)
    {
        INFO(keyword << " " << rest);
        if (keyword == "other")
            other.send(bytes_of(rest));
        else if (keyword == "oizys")
            other.expect(bytes_of(rest));
        else if (keyword == "closed")
            closed = true;
        else
            FAIL("unknown keyword " << keyword);
    }
    if (!closed)
    {
        io.restart();
        io.poll();
        CHECK(peer.is_open());
        other.end_sending();
    }
    other.expect_end();
}

void run_call(block const& b)
{
    asio::io_context io;
    other_end other{io};
    auto const framing = framing_of(b.words.at(0));
    rpc::peer peer{other.session({.framing = framing})}; // the protocol follows from the framing

    std::optional<boost::system::error_code> ec;
    rpc::outcome<rpc::value> answer;
    auto const on_answer = [&](boost::system::error_code e, rpc::outcome<rpc::value> a) {
        ec = e;
        answer = std::move(a);
    };
    for (auto const& [keyword, rest] : b.lines)
    {
        INFO(keyword << " " << rest);
        if (keyword == "calls" || keyword == "tells")
        {
            auto const space = rest.find(' ');
            auto const method = rest.substr(0, space);
            auto const arguments = rpc::from_json<rpc::value>(rest.substr(space + 1)).value();
            if (keyword == "tells")
                CHECK(!peer.notify(method, arguments));
            else
                peer.async_call(method, arguments, on_answer);
        }
        else if (keyword == "oizys")
            other.expect(bytes_of(rest));
        else if (keyword == "other")
            other.send(bytes_of(rest));
        else if (keyword == "result" || keyword == "error")
        {
            REQUIRE(oizys::test::run_until(io, [&] { return ec.has_value(); }));
            REQUIRE(!*ec);
            REQUIRE(answer.has_value() == (keyword == "result"));
            if (answer.has_value())
                CHECK(rpc::to_json(*answer) == rest);
            else
                CHECK(rpc::to_json(rpc::value{rpc::object{{"code", answer.error().code},
                                                          {"message", answer.error().message},
                                                          {"data", answer.error().data}}}) == rest);
        }
        else
            FAIL("unknown keyword " << keyword);
    }
    CHECK(peer.is_open());
}

} // namespace

TEST_CASE("what docs/protocol.md shows is what happens")
{
    std::map<std::string, std::size_t> count;
    for (auto const& b : blocks_of(oizys::test::source_file("docs/protocol.md")))
    {
        INFO("docs/protocol.md:" << b.at_line);
        ++count[b.kind];
        if (b.kind == "stream")
            run_stream(b);
        else if (b.kind == "conversation")
            run_conversation(b);
        else if (b.kind == "call")
            run_call(b);
        else
            FAIL("unknown block " << b.kind);
    }
    // So that a change of the notation cannot go by unseen.
    CHECK(count["stream"] >= 20);
    CHECK(count["conversation"] >= 10);
    CHECK(count["call"] >= 8);
}

TEST_CASE("the limits in the documents are those of the headers")
{
    auto const ms = [](std::chrono::milliseconds d) { return static_cast<std::size_t>(d.count()); };
    std::map<std::string, std::size_t> const limits{
        {"session_options::max_message", oizys::session_options{}.max_message},
        {"session_options::max_queued_bytes", oizys::session_options{}.max_queued_bytes},
        {"session_options::close_timeout", ms(oizys::session_options{}.close_timeout)},
        {"session_options::handshake_timeout", ms(oizys::session_options{}.handshake_timeout)},
        {"connect_options::timeout", ms(oizys::connect_options{}.timeout)},
        {"listener_options::backlog", static_cast<std::size_t>(oizys::listener_options{}.backlog)},
        {"listener_options::accept_backoff", ms(oizys::listener_options{}.accept_backoff)},
        {"codec_limits::max_depth", rpc::codec_limits{}.max_depth},
        {"peer_options::max_batch", rpc::peer_options{}.max_batch},
        {"peer_options::max_pending_calls", rpc::peer_options{}.max_pending_calls},
        {"peer_options::max_unanswered_bytes", rpc::peer_options{}.max_unanswered_bytes},
        {"peer_options::call_timeout", ms(rpc::peer_options{}.call_timeout)},
    };
    std::regex const row{R"(\| `(\w+::\w+)` \| (\d+) \|)"};
    for (std::string const name : {"docs/protocol.md", "README.md"})
    {
        auto const page = oizys::test::source_file(name);
        std::size_t rows = 0;
        for (std::sregex_iterator at{page.begin(), page.end(), row}, end; at != end; ++at, ++rows)
        {
            INFO(name << ": " << at->str());
            REQUIRE(limits.contains(at->str(1)));
            CHECK(limits.at(at->str(1)) == std::stoul(at->str(2)));
        }
        INFO(name);
        CHECK(rows == (name == "README.md" ? limits.size() : 8));
    }
}
