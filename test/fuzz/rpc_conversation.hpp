// SPDX-License-Identifier: BSL-1.0
//
// What the two fuzz targets of calls share: a peer with a small service, whose other end is a bare session that
// says what the fuzzer invents. Both ends run in memory, and time does not pass.
#pragma once

#include <oizys/memory_pair.hpp>
#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/peer.hpp>
#include <oizys/rpc/progress.hpp>
#include <oizys/rpc/service.hpp>
#include <oizys/rpc/stream.hpp>

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace oizys::fuzz
{

inline void require(bool holds)
{
    if (!holds)
        std::abort();
}

/// How a conversation goes, from the input's first byte.
struct manner
{
    explicit manner(std::uint8_t bits)
        : framed((bits & 1) != 0)
        , narrow((bits & 2) != 0)
        , calls((bits & 4) != 0)
        , lenient((bits & 8) != 0)
        , extended((bits & 16) != 0)
        , lsp((bits & 32) != 0)
    {
    }

    bool framed;  ///< header24, or else the framing of the protocol
    bool narrow;  ///< bytes arrive a few at a time
    bool calls;   ///< the peer makes calls, whose ids are 0, 1, 2
    bool lenient; ///< JSON-RPC without its version
    bool
        extended; ///< the other end is taken for oizys; a stream is read, whose id is the first or the fourth
    bool lsp;     ///< with the conventions of the Language Server Protocol
};

class conversation
{
public:
    conversation(rpc::protocol protocol, manner const& how)
    {
        serve();
        auto const own = protocol == rpc::protocol::json ? framing::json_text : framing::msgpack_object;
        session_options const below{.framing = how.framed ? framing::header24 : own};
        auto pair = memory_pair(io_.get_executor(),
                                {.first = below,
                                 .second = below,
                                 .max_transfer = how.narrow ? std::size_t{3} : std::size_t{65536}});
        other_ = std::move(pair.first);
        other_->set_onmessage([this](std::string const& message) { heard.push_back(message); });
        peer_ = rpc::peer{std::move(pair.second),
                          service_,
                          {.protocol = protocol,
                           .call_timeout = {},
                           .max_batch = 16,
                           .version_required = !how.lenient,
                           .expose_exceptions = true,
                           .extensions = how.lsp        ? rpc::extensions::lsp
                                         : how.extended ? rpc::extensions::oizys
                                                        : rpc::extensions::detect,
                           .max_streams = 3,
                           .max_stream_window = 50}};
        for (int i = 0; how.calls && i < 3; ++i)
            call();
        if (how.extended)
        {
            stream_ = peer_.open_stream<int>("x", std::tuple{}, {.window = 4});
            read();
        }
        io_.poll();
    }

    void say(std::string_view message)
    {
        boost::system::error_code ec; // ignored: the peer may have closed
        other_->send(message, ec);
        io_.restart();
        io_.poll();
    }

    bool is_open() const { return peer_.is_open(); }

    /// Gives all answers that were put off.
    void answer_all()
    {
        while (!waiting_.empty())
        {
            auto reply = std::move(waiting_.back());
            waiting_.pop_back();
            std::move(reply)(static_cast<int>(waiting_.size()));
        }
        io_.restart();
        io_.poll();
    }

    /// Closes; all calls must have ended then, each of them once.
    void end()
    {
        peer_.close();
        io_.restart();
        io_.poll();
        writers_.clear();
        io_.restart();
        io_.poll();
        require(peer_.pending_calls() == 0 && started_ == ended_);
    }

    std::vector<std::string> heard;

private:
    void serve()
    {
        service_.method("add", {"a", "b"}, [](int a, int b) { return std::int64_t{a} + b; });
        service_.method("sum", {"numbers"}, [](rpc::rest<double> const& numbers) {
            double sum = 0;
            for (double const n : numbers)
                sum += n;
            return sum;
        });
        service_.method("echo", [](rpc::value v) { return v; });
        service_.method("text", [](std::string_view a, std::optional<std::string> b) {
            return b.value_or(std::string{a});
        });
        service_.method("fail", [](std::string const& why) -> int { throw std::runtime_error{why}; });
        service_.method("later", [this](rpc::reply<int> r) { waiting_.push_back(std::move(r)); });
        service_.method("wait", [this](rpc::call_context& c, rpc::reply<int> r) {
            c.on_cancel([this] { ++cancelled_; });
            c.progress(cancelled_);
            waiting_.push_back(std::move(r));
        });
        service_.method("work", [](rpc::call_context& c, int steps) {
            for (int i = 0; i < std::min(steps, 5); ++i)
                c.progress(i);
        });
        service_.method("count", [](int n) {
            return rpc::stream<int>{
                [i = 0, n]() mutable { return i < std::min(n, 100) ? std::optional{i++} : std::nullopt; }};
        });
        service_.method("write", [](rpc::stream_writer<int> out, int n) {
            out.async_write(n, [](boost::system::error_code) {});
            std::move(out).finish();
        });
        service_.method("open", [this](rpc::stream_writer<int> out) { writers_.push_back(std::move(out)); });
        service_.method("stop", [this] { stream_ = {}; });
        service_.method("drop", [](rpc::reply<int>) {});
        service_.method("call", [this] { call(); });
        service_.method("close", [](rpc::call_context& c) { c.caller().close(); });
    }

    void read()
    {
        ++started_;
        stream_.async_next(
            [this](boost::system::error_code ec, rpc::outcome<std::optional<int>> const& item) {
                ++ended_;
                if (!ec && item.has_value() && *item)
                    read();
            });
    }

    void call()
    {
        ++started_;
        peer_.async_call("x", std::tuple{started_}, {.progress = &watch_},
                         [this](boost::system::error_code, rpc::outcome<rpc::value> const&) { ++ended_; });
    }

    boost::asio::io_context io_{1};
    rpc::service service_;
    std::vector<rpc::reply<int>> waiting_;
    std::shared_ptr<session> other_;
    rpc::peer peer_;
    rpc::incoming_stream<int> stream_;
    std::vector<rpc::stream_writer<int>> writers_;
    rpc::progress_handler<int> watch_{[](int) {}};
    int cancelled_ = 0;
    int started_ = 0;
    int ended_ = 0;
};

} // namespace oizys::fuzz
