// SPDX-License-Identifier: BSL-1.0
#include "websocket_handshake.hpp"

#include <oizys/error.hpp>

#include "websocket_socket.hpp"
#include "websocket_upgrade.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream_base.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

namespace oizys::detail
{

using boost::system::error_code;

namespace
{

constexpr std::size_t read_at_once = 4096; ///< bytes
constexpr std::size_t max_answer = 65536;  ///< bytes of the answer to a request, with its body

/// Of what is wrong with an answer that is not one of HTTP.
boost::system::error_category const& http_category()
{
    return make_error_code(http::error::bad_method).category();
}

std::string_view std_view(beast::string_view text) { return {text.data(), text.size()}; }

std::string joined(std::vector<std::string> const& protocols)
{
    std::string list;
    for (auto const& protocol : protocols)
        list.append(list.empty() ? "" : ", ").append(protocol);
    return list;
}

} // namespace

struct websocket_handshake::messages
{
    explicit messages(std::size_t max_header) : buffer{std::max<std::size_t>(max_header, 1)}
    {
        // It is enforced here: Beast's limit is for a line, and there may be any number of lines.
        request.header_limit(std::numeric_limits<std::uint32_t>::max());
    }

    beast::flat_buffer buffer;
    std::size_t received = 0; ///< bytes of the request, and perhaps of frames behind it
    http::request_parser<http::empty_body> request;
    http::response<http::string_body> response;
};

websocket_handshake::websocket_handshake(std::shared_ptr<owner> of, websocket_socket& socket,
                                         websocket_options const& options)
    : owner_{std::move(of)}
    , socket_{socket}
    , options_{options}
    , messages_{std::make_unique<messages>(options.max_http_header)}
{
}

websocket_handshake::~websocket_handshake() = default;

stream_layer& websocket_handshake::layer() noexcept { return socket_.next_layer(); }

void websocket_handshake::end(error_code ec)
{
    if (std::exchange(stopped_, true))
        return;
    outcome_.error = ec;
    owner_->on_outcome(std::move(outcome_));
}

// --- who connects

void websocket_handshake::connect(std::string const& host, std::string const& target)
{
    host_ = host;
    target_ = target;
    auto const is_good = [](std::string const& text) { return !text.empty() && is_visible(text); };
    auto const& offered = options_.protocols;
    auto const is_one = [&](std::string const& text) { return is_good(text) && text.find(',') == text.npos; };
    if (!is_good(host_) || !is_good(target_) || !std::all_of(offered.begin(), offered.end(), is_one))
        return end(asio::error::invalid_argument);
    layer().below().async_handshake(
        completion<websocket_handshake, &websocket_handshake::on_below_ready>{shared_from_this()});
}

void websocket_handshake::on_below_ready(error_code ec)
{
    if (stopped_)
        return;
    if (ec)
        return end(ec);
    socket_.set_option(
        websocket::stream_base::decorator([offer = joined(options_.protocols)](websocket::request_type& to) {
            if (!offer.empty())
                to.set(http::field::sec_websocket_protocol, offer);
        }));
    layer().limit_reading(max_answer);
    layer().buffer_input(); // what comes behind the answer is not Beast's yet
    socket_.async_handshake(
        messages_->response, host_, target_,
        completion<websocket_handshake, &websocket_handshake::on_client_ready>{shared_from_this()});
}

void websocket_handshake::on_client_ready(error_code ec)
{
    if (stopped_)
        return;
    auto const& response = messages_->response;
    layer().limit_reading(stream_layer::unlimited);
    bool const is_refusal = ec == websocket::condition::handshake_failed;
    if (!ec || is_refusal)
        outcome_.http_status = response.result_int();
    if (ec == http::error::end_of_stream || ec == http::error::partial_message)
        return end(asio::error::eof);
    if (is_refusal || ec == asio::error::message_size || ec.category() == http_category())
        return end(errc::handshake_refused); // or no answer at all
    if (ec)
        return end(ec);
    auto& protocol = outcome_.protocol;
    protocol = std_view(response[http::field::sec_websocket_protocol]);
    auto const& offered = options_.protocols;
    if (!protocol.empty() && std::find(offered.begin(), offered.end(), protocol) == offered.end())
        return end(errc::handshake_refused); // RFC 6455, section 4.1: not what was asked for
    end({});
}

// --- who accepts

void websocket_handshake::accept() { read_request(); }

void websocket_handshake::read_request()
{
    auto const room = messages_->buffer.max_size() - messages_->received;
    layer().async_read_some(
        messages_->buffer.prepare(std::min(room, read_at_once)),
        completion<websocket_handshake, &websocket_handshake::on_request>{shared_from_this()});
}

void websocket_handshake::on_request(error_code ec, std::size_t n)
{
    if (stopped_)
        return;
    if (ec)
        return end(ec); // an end within a handshake is an end, and nothing more
    auto& [buffer, received, request, response] = *messages_;
    received += n;
    buffer.commit(n);
    buffer.consume(request.put(buffer.cdata(), ec));
    if (ec && ec != http::error::need_more)
        return refuse(400, "not a request of HTTP");
    if (request.is_header_done())
        return judge();
    received < buffer.max_size() ? read_request() : refuse(431, "the header is too long");
}

void websocket_handshake::judge()
{
    auto const& request = messages_->request.get();
    upgrade_request asked{.is_upgrade = websocket::is_upgrade(request),
                          .target = std_view(request.target()),
                          .origin = std::nullopt,
                          .protocols = {}};
    if (auto const origin = request.find(http::field::origin); origin != request.end())
        asked.origin = std_view(origin->value());
    std::string offered;
    auto const [begin, last] = request.equal_range(http::field::sec_websocket_protocol);
    for (auto at = begin; at != last; ++at)
        offered.append(std_view(at->value())).append(",");
    asked.protocols = offered;
    auto const verdict = judge_upgrade(asked, options_);
    if (verdict.status != 101)
        return refuse(verdict.status, verdict.reason);
    outcome_.protocol = verdict.protocol;
    grant();
}

void websocket_handshake::refuse(unsigned status, std::string_view reason)
{
    auto& response = messages_->response;
    outcome_.http_status = status;
    response.version(11);
    response.result(status);
    response.set(http::field::server, "oizys");
    response.set(http::field::connection, status == 426 ? "upgrade, close" : "close");
    if (status == 426)
        response.set(http::field::upgrade, "websocket");
    response.set(http::field::content_type, "text/plain");
    response.body().append(reason).append("\n");
    response.prepare_payload();
    http::async_write(layer(), response,
                      completion<websocket_handshake, &websocket_handshake::on_refused>{shared_from_this()});
}

void websocket_handshake::on_refused(error_code ec, std::size_t)
{
    outcome_.is_still_sent = !messages_->request.is_done(); // the rest of a header, or a body
    end(ec ? ec : errc::handshake_refused);
}

void websocket_handshake::grant()
{
    socket_.set_option(
        websocket::stream_base::decorator([protocol = outcome_.protocol](websocket::response_type& to) {
            to.set(http::field::server, "oizys");
            if (!protocol.empty() && to.result() == http::status::switching_protocols)
                to.set(http::field::sec_websocket_protocol, protocol);
        }));
    // A client that cannot wait may have sent frames behind its request.
    auto const behind = messages_->buffer.cdata();
    layer().unread({static_cast<char const*>(behind.data()), behind.size()});
    socket_.async_accept(
        messages_->request.get(),
        completion<websocket_handshake, &websocket_handshake::on_granted>{shared_from_this()});
}

void websocket_handshake::on_granted(error_code ec)
{
    if (!ec)
        outcome_.http_status = 101;
    if (ec == websocket::condition::handshake_failed) // and Beast has answered
    {
        outcome_.http_status = ec == websocket::error::bad_sec_version ? 426 : 400;
        return end(errc::handshake_refused);
    }
    end(ec);
}

} // namespace oizys::detail
