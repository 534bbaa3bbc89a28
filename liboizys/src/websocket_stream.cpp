// SPDX-License-Identifier: BSL-1.0
#include "websocket_stream.hpp"

#include <oizys/error.hpp>
#include <oizys/timeout.hpp>

#include "stream_layer.hpp"
#include "websocket_upgrade.hpp"
#include "wire/message_header.hpp"
#include "wire/message_splitter.hpp"
#include "wire/utf8.hpp"
#include "wire/websocket_input.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <boost/beast/websocket/stream_base.hpp>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

namespace oizys::detail
{

using boost::system::error_code;

/// Beast has closed the WebSocket, and asks for the connection to be closed: `close()` of the stream does that.
template <class Handler>
void async_teardown(beast::role_type, stream_layer& layer, Handler&& handler)
{
    asio::post(layer.get_executor(), asio::append(std::forward<Handler>(handler), error_code{}));
}
void teardown(beast::role_type, stream_layer&, error_code& ec) { ec = {}; }

namespace
{

constexpr std::size_t kept_message = 65536; ///< bytes; the memory of a longer one is given back
constexpr std::size_t first_part =
    512; ///< bytes of a message that are waited for: an idle session keeps little
constexpr std::size_t next_part = 65536;
constexpr std::size_t most_header = 14; ///< bytes, of a frame that is masked

constexpr std::size_t read_at_once = 4096; ///< bytes
constexpr std::size_t max_answer = 65536;  ///< bytes of the answer to a request, with its body

/// Of what is wrong with an answer that is not one of HTTP.
boost::system::error_category const& http_category()
{
    return make_error_code(http::error::bad_method).category();
}

std::string_view std_view(beast::string_view text) { return {text.data(), text.size()}; }

error_code meaning_of(error_code ec)
{
    if (ec == websocket::error::closed || ec == http::error::end_of_stream ||
        ec == http::error::partial_message)
        return asio::error::eof;
    if (ec == websocket::error::message_too_big || ec == websocket::error::buffer_overflow)
        return errc::message_too_large;
    if (ec == beast::error::timeout)
        return asio::error::timed_out;
    if (ec == asio::error::eof)
        return asio::error::connection_reset; // the other end did not say that it would go
    return ec;
}

std::string joined(std::vector<std::string> const& protocols)
{
    std::string list;
    for (auto const& protocol : protocols)
        list.append(list.empty() ? "" : ", ").append(protocol);
    return list;
}

/// What is needed until the WebSocket is there.
struct upgrade
{
    explicit upgrade(std::size_t max_header) : buffer{std::max<std::size_t>(max_header, 1)}
    {
        // It is enforced here: Beast's limit is for a line, and there may be any number of lines.
        request.header_limit(std::numeric_limits<std::uint32_t>::max());
    }

    beast::flat_buffer buffer;
    std::size_t received = 0; ///< bytes of the request, and perhaps of frames behind it
    http::request_parser<http::empty_body> request;
    http::response<http::string_body> response;
};

} // namespace

/// Kept by its operations: it may outlive the stream.
class websocket_stream::impl final : public std::enable_shared_from_this<impl>
{
public:
    impl(stream_layer layer, std::string host, std::string target, std::size_t max_message,
         websocket_options const& options)
        : options_{options}
        , host_{std::move(host)}
        , target_{std::move(target)}
        , socket_{std::move(layer)}
        , timer_{socket_.get_executor()}
        , splitter_{max_message}
    {
        socket_.auto_fragment(false);
        socket_.read_message_max(max_message);
    }

    stream_layer& layer() noexcept { return socket_.next_layer(); }
    stream_layer const& layer() const noexcept { return socket_.next_layer(); }
    std::string const& protocol() const noexcept { return protocol_; }
    unsigned http_status() const noexcept { return http_status_; }
    bool established() const noexcept { return state_ == state::established; }

    void handshake(wait_handler handler)
    {
        on_handshake_ = std::move(handler);
        begin_handshake();
        auto const is_good = [](std::string const& text) { return !text.empty() && is_visible(text); };
        auto const& offered = options_.protocols;
        auto const is_one = [&](std::string const& text) {
            return is_good(text) && text.find(',') == text.npos;
        };
        if (!is_good(host_) || !is_good(target_) || !std::all_of(offered.begin(), offered.end(), is_one))
            return fail(asio::error::invalid_argument);
        layer().below().async_handshake(completion<impl, &impl::on_below_ready>{shared_from_this()});
    }

    void read(std::span<char> room, read_handler handler)
    {
        if (state_ == state::failed)
            return post(std::move(handler), error_, std::size_t{0});
        if (auto const n = hand_over(room); n != 0)
            return post(std::move(handler), error_code{}, n);
        if (state_ == state::failed)
            return post(std::move(handler), error_, std::size_t{0});
        room_ = room;
        on_read_.emplace(std::move(handler));
        state_ == state::established ? read_message() : accept();
    }

    std::size_t try_write(std::span<std::string_view const> pieces, error_code& ec)
    {
        ec = state_ == state::failed ? error_ : layer().error();
        bool const has_closed = state_ == state::established && !socket_.is_open();
        if (ec == asio::error::eof || (!ec && has_closed))
            ec = asio::error::broken_pipe;
        if (ec)
            return 0;
        std::size_t taken = 0;
        if (state_ == state::established)
            for (auto piece : pieces)
                taken += send(piece, ec);
        layer().flush();
        if (taken == 0 && !ec)
            ec = asio::error::would_block;
        return ec ? 0 : taken;
    }

    void wait_writable(wait_handler handler)
    {
        if (state_ == state::failed)
            return post(std::move(handler), error_);
        on_wait_ = std::move(handler);
        if (state_ != state::established)
            return accept();
        if (!std::exchange(waiting_, true)) // else one goes on whose handler was cancelled
            layer().async_wait(completion<impl, &impl::on_progress>{shared_from_this()});
    }

    void cancel_read()
    {
        // The WebSocket is read into memory of our own: that goes on.
        error_code const aborted = asio::error::operation_aborted;
        if (on_wait_)
            post(std::exchange(on_wait_, {}), aborted);
        if (on_read_)
            post(take_read(), aborted, std::size_t{0});
    }

    void close()
    {
        if (std::exchange(closed_, true))
            return;
        bool const can_say_goodbye = state_ == state::established && socket_.is_open() && !layer().error();
        fail(asio::error::operation_aborted);
        timer_.cancel();
        if (!can_say_goodbye && !is_still_sent_)
            return layer().close();
        start_timer(options_.close_timeout, &impl::on_close_timeout);
        if (can_say_goodbye)
            socket_.async_close(websocket::close_code::normal,
                                completion<impl, &impl::on_closed>{shared_from_this()});
        else
            drain();
    }

    /// An operation was destroyed: the loop is gone, and nothing of ours completes any more.
    void abandon() noexcept
    {
        auto const self = shared_from_this();
        closed_ = true; // a close frame would wait for ever to be answered
        on_read_.reset();
        on_wait_ = nullptr;
        on_handshake_ = nullptr;
    }

private:
    enum class state : std::uint8_t
    {
        fresh,
        shaking_hands,
        established,
        failed,
    };

    // The handshake.

    void begin_handshake()
    {
        state_ = state::shaking_hands;
        upgrade_ = std::make_unique<upgrade>(options_.max_http_header);
        if (options_.handshake_timeout.count() != 0)
            start_timer(options_.handshake_timeout, &impl::on_handshake_timeout);
    }

    void on_handshake_timeout()
    {
        if (state_ != state::shaking_hands)
            return;
        fail(errc::handshake_timeout);
        layer().close();
    }

    void on_below_ready(error_code ec)
    {
        if (state_ != state::shaking_hands)
            return;
        if (ec)
            return fail(ec);
        socket_.set_option(websocket::stream_base::decorator(
            [offer = joined(options_.protocols)](websocket::request_type& to) {
                if (!offer.empty())
                    to.set(http::field::sec_websocket_protocol, offer);
            }));
        layer().limit_reading(max_answer);
        input_ = &layer().buffer_input();
        socket_.async_handshake(upgrade_->response, host_, target_,
                                completion<impl, &impl::on_client_ready>{shared_from_this()});
    }

    void on_client_ready(error_code ec)
    {
        if (state_ != state::shaking_hands)
            return;
        auto const& response = upgrade_->response;
        layer().limit_reading(stream_layer::unlimited);
        bool const is_refusal = ec == websocket::condition::handshake_failed;
        if (!ec || is_refusal)
            http_status_ = response.result_int();
        if (ec == http::error::end_of_stream || ec == http::error::partial_message)
            return fail(asio::error::eof);
        if (is_refusal || ec == asio::error::message_size || ec.category() == http_category())
            return fail(errc::handshake_refused); // or no answer at all
        if (ec)
            return fail(ec);
        protocol_ = std_view(response[http::field::sec_websocket_protocol]);
        auto const& offered = options_.protocols;
        if (!protocol_.empty() && std::find(offered.begin(), offered.end(), protocol_) == offered.end())
            return fail(errc::handshake_refused); // RFC 6455, section 4.1: not what was asked for
        succeed();
    }

    void accept()
    {
        if (state_ != state::fresh)
            return;
        begin_handshake();
        read_request();
    }

    void read_request()
    {
        auto const room = upgrade_->buffer.max_size() - upgrade_->received;
        layer().async_read_some(upgrade_->buffer.prepare(std::min(room, read_at_once)),
                                completion<impl, &impl::on_request>{shared_from_this()});
    }

    void on_request(error_code ec, std::size_t n)
    {
        if (state_ != state::shaking_hands)
            return;
        if (ec)
            return fail(ec); // an end within a handshake is an end, and nothing more
        auto& [buffer, received, request, response] = *upgrade_;
        received += n;
        buffer.commit(n);
        buffer.consume(request.put(buffer.cdata(), ec));
        if (ec && ec != http::error::need_more)
            return refuse(400, "not a request of HTTP");
        if (request.is_header_done())
            return judge();
        received < buffer.max_size() ? read_request() : refuse(431, "the header is too long");
    }

    void judge()
    {
        auto const& request = upgrade_->request.get();
        upgrade_request asked{.is_upgrade = websocket::is_upgrade(request),
                              .target = std_view(request.target()),
                              .origin = std::nullopt,
                              .protocols = {}};
        if (auto const origin = request.find(http::field::origin); origin != request.end())
            asked.origin = std_view(origin->value());
        std::string offered;
        auto const [begin, end] = request.equal_range(http::field::sec_websocket_protocol);
        for (auto at = begin; at != end; ++at)
            offered.append(std_view(at->value())).append(",");
        asked.protocols = offered;
        auto const verdict = judge_upgrade(asked, options_);
        if (verdict.status != 101)
            return refuse(verdict.status, verdict.reason);
        grant(verdict.protocol);
    }

    void refuse(unsigned status, std::string_view reason)
    {
        auto& response = upgrade_->response;
        http_status_ = status;
        response.version(11);
        response.result(status);
        response.set(http::field::server, "oizys");
        response.set(http::field::connection, status == 426 ? "upgrade, close" : "close");
        if (status == 426)
            response.set(http::field::upgrade, "websocket");
        response.set(http::field::content_type, "text/plain");
        response.body().append(reason).append("\n");
        response.prepare_payload();
        http::async_write(layer(), response, completion<impl, &impl::on_refused>{shared_from_this()});
    }

    void on_refused(error_code ec, std::size_t)
    {
        if (state_ != state::shaking_hands)
            return;
        is_still_sent_ = !upgrade_->request.is_done(); // the rest of a header, or a body
        fail(ec ? ec : errc::handshake_refused);
    }

    void grant(std::string const& protocol)
    {
        protocol_ = protocol;
        socket_.set_option(websocket::stream_base::decorator([protocol](websocket::response_type& to) {
            to.set(http::field::server, "oizys");
            if (!protocol.empty() && to.result() == http::status::switching_protocols)
                to.set(http::field::sec_websocket_protocol, protocol);
        }));
        // A client that cannot wait may have sent frames behind its request.
        auto const behind = upgrade_->buffer.cdata();
        layer().unread({static_cast<char const*>(behind.data()), behind.size()});
        socket_.async_accept(upgrade_->request.get(),
                             completion<impl, &impl::on_granted>{shared_from_this()});
    }

    void on_granted(error_code ec)
    {
        if (state_ != state::shaking_hands)
            return;
        if (ec == websocket::condition::handshake_failed) // and Beast has answered
        {
            http_status_ = ec == websocket::error::bad_sec_version ? 426 : 400;
            return fail(errc::handshake_refused);
        }
        if (ec)
            return fail(ec);
        http_status_ = 101;
        succeed();
    }

    void succeed()
    {
        state_ = state::established;
        timer_.cancel();
        upgrade_.reset();
        if (input_ == nullptr) // else what came behind the answer is there already
            input_ = &layer().buffer_input();
        input_->begin_frames();
        auto const self = shared_from_this(); // handlers may drop the stream
        if (on_read_)
            read_message();
        if (on_handshake_)
            std::exchange(on_handshake_, {})(error_code{});
        if (on_wait_)
            std::exchange(on_wait_, {})(error_code{});
    }

    // Messages. A read waits until Beast has the first of them, or a part of it, and then hands over all that
    // has arrived in whole.

    void read_message()
    {
        if (std::exchange(reading_, true))
            return;
        watch(true);
        bool const is_new = size_ == 0 && message_.size() == 0;
        socket_.async_read_some(message_, is_new ? first_part : next_part,
                                completion<impl, &impl::on_message>{shared_from_this()});
    }

    /// Beast can tell that the other end is silent only while it is read.
    void watch(bool whether)
    {
        if (options_.idle_timeout.count() == 0)
            return;
        auto const never = websocket::stream_base::none();
        websocket::stream_base::timeout const limits{
            .handshake_timeout = never, .idle_timeout = never, .keep_alive_pings = true};
        auto watched = limits;
        watched.idle_timeout = clamp_timeout(options_.idle_timeout);
        socket_.set_option(whether ? watched : limits);
    }

    void on_message(error_code ec, std::size_t)
    {
        reading_ = false;
        if (state_ != state::established)
            return;
        if (ec)
            return break_off(ec);
        if (size_ == 0 && !knows_size())
            return read_message(); // more fragments, or the next message: this one is empty
        watch(false);
        if (!on_read_)
            return;
        auto handler = take_read();
        auto const n = hand_over(room_);
        handler(error_code{}, n);
    }

    /// The size of a message is known once it is here, or from its first frame if it has no other.
    bool knows_size()
    {
        auto const& frame = input_->frame();
        if (socket_.is_message_done())
            size_ = message_.size();
        else if (frame.is_final && frame.begins_message())
            size_ = static_cast<std::size_t>(frame.size);
        return size_ != 0;
    }

    /// Beast has sent a close frame that says what was wrong, or has received one.
    void break_off(error_code ec)
    {
        is_still_sent_ =
            ec == websocket::condition::protocol_violation || ec == websocket::error::message_too_big;
        layer().flush();
        fail(meaning_of(ec));
    }

    /// Hands over what is here, and returns its size.
    std::size_t hand_over(std::span<char> room)
    {
        auto n = hand_out(room);
        while (n < room.size() && state_ == state::established)
        {
            auto const next = size_ == 0 ? input_->whole_message() : std::nullopt;
            if (next)
                n += hand_out_whole(*next, room.subspan(n));
            else if (size_ != 0 && input_->has_rest())
                n += hand_out_more(room.subspan(n));
            else
                break;
        }
        return n;
    }

    /// What Beast or the layer has of a message that has begun.
    std::size_t hand_out_more(std::span<char> room)
    {
        error_code ec;
        auto const n = socket_.read_some(asio::buffer(room.data(), room.size()), ec);
        if (ec)
        {
            break_off(ec);
            return 0;
        }
        count(n);
        return n;
    }

    /// A message that is there in whole.
    std::size_t hand_out_whole(std::size_t size, std::span<char> room)
    {
        auto const header = wire::encode_message_header(size);
        bool const fits = size != 0 && header.size() + size <= room.size();
        auto const into = fits ? asio::buffer(room.data() + header.size(), size)
                               : asio::mutable_buffer{message_.prepare(std::max<std::size_t>(size, 1))};
        std::size_t n = 0;
        error_code ec;
        do
            n += socket_.read_some(into + n, ec);
        while (n < size && !ec);
        if (ec)
        {
            break_off(ec);
            return 0;
        }
        if (!fits)
        {
            message_.commit(size);
            size_ = size;
            return hand_out(room);
        }
        std::ranges::copy(header, room.data());
        return header.size() + size;
    }

    /// Copies the next part of the message, with its length in front, and returns its size.
    std::size_t hand_out(std::span<char> room)
    {
        if (size_ == 0)
            return 0;
        auto const header = wire::encode_message_header(size_);
        std::size_t n = 0;
        if (handed_out_ < header.size())
            n = std::string_view{header.data(), header.size()}
                    .substr(handed_out_)
                    .copy(room.data(), room.size());
        auto const data = message_.cdata();
        auto const part = std::string_view{static_cast<char const*>(data.data()), data.size()}.copy(
            room.data() + n, room.size() - n);
        message_.consume(part);
        count(n + part);
        return n + part;
    }

    void count(std::size_t n)
    {
        handed_out_ += n;
        if (handed_out_ != wire::message_header_size + size_)
            return;
        handed_out_ = 0;
        size_ = 0;
        message_.clear();
        if (message_.capacity() > kept_message)
            message_.shrink_to_fit();
    }

    std::size_t send(std::string_view piece, error_code& ec)
    {
        auto const size = piece.size();
        while (!piece.empty() && !ec)
        {
            if (splitter_.between_messages() && layer().queued() >= options_.write_buffer)
                break;
            auto const step = splitter_.next(piece);
            if (step.found)
                send_message(step.message, ec);
            else
                ec = step.error;
        }
        return size - piece.size();
    }

    void send_message(std::string_view message, error_code& ec)
    {
        layer().expect(message.size() + most_header);
        socket_.text(wire::looks_like_json(message));
        socket_.write(asio::buffer(message.data(), message.size()), ec);
    }

    void on_progress(error_code ec)
    {
        waiting_ = false;
        if (on_wait_)
            std::exchange(on_wait_, {})(ec);
    }

    // The end.

    /// No byte of the user's will flow. Handlers are posted: this may be called by close().
    void fail(error_code ec)
    {
        state_ = state::failed;
        error_ = ec;
        timer_.cancel();
        if (on_read_)
            post(take_read(), ec, std::size_t{0});
        if (on_wait_)
            post(std::exchange(on_wait_, {}), ec);
        if (on_handshake_)
            post(std::exchange(on_handshake_, {}), ec);
    }

    void on_close_timeout() { layer().close(); }
    void on_closed(error_code)
    {
        timer_.cancel();
        layer().close(); // error ignored: the other end has answered, or never will
    }

    /// Reads what the other end was sending when it was refused: a connection that is closed with bytes unread is
    /// reset, and with that the other end loses the answer.
    void drain()
    {
        message_.clear();
        layer().async_read_some(message_.prepare(read_at_once),
                                completion<impl, &impl::on_drained>{shared_from_this()});
    }

    void on_drained(error_code ec, std::size_t)
    {
        if (!ec)
            return drain();
        timer_.cancel();
        layer().close();
    }

    void start_timer(std::chrono::milliseconds after, void (impl::*then)())
    {
        timer_.expires_after(clamp_timeout(after));
        timer_.async_wait([weak = weak_from_this(), then](error_code ec) {
            if (auto const self = weak.lock(); self && !ec)
                (self.get()->*then)();
        });
    }

    read_handler take_read()
    {
        auto handler = std::move(*on_read_);
        on_read_.reset();
        return handler;
    }

    template <class Handler, class... Args>
    void post(Handler handler, Args... args)
    {
        asio::post(layer().get_executor(), asio::append(std::move(handler), args...));
    }

    websocket_options options_;
    std::string host_;
    std::string target_;
    websocket::stream<stream_layer, false> socket_; // without compression
    asio::steady_timer timer_;                      ///< of the handshake, then of closing
    std::unique_ptr<upgrade> upgrade_;
    std::string protocol_;
    unsigned http_status_ = 0;

    wire::websocket_input* input_ = nullptr; ///< the layer's, from the handshake on
    beast::flat_buffer message_;             ///< being received or handed out: as much of it as is here
    std::size_t size_ = 0;                   ///< of the message that is handed out; 0 while none is
    std::size_t handed_out_ = 0;             ///< bytes of it and of its length
    wire::message_splitter splitter_;

    std::span<char> room_;
    std::optional<read_handler> on_read_;
    wait_handler on_wait_;
    wait_handler on_handshake_;
    error_code error_; ///< why it failed
    state state_ = state::fresh;
    bool reading_ = false;
    bool waiting_ = false;       ///< for the layer
    bool is_still_sent_ = false; ///< what was refused already
    bool closed_ = false;
};

std::unique_ptr<websocket_stream> websocket_stream::client(std::unique_ptr<stream> below, std::string host,
                                                           std::string target, std::size_t max_message,
                                                           websocket_options const& options)
{
    auto i = std::make_shared<impl>(stream_layer{std::move(below)}, std::move(host), std::move(target),
                                    max_message, options);
    return std::unique_ptr<websocket_stream>{new websocket_stream{std::move(i)}};
}

std::unique_ptr<websocket_stream> websocket_stream::server(std::unique_ptr<stream> below,
                                                           std::string received, std::size_t max_message,
                                                           websocket_options const& options)
{
    auto i = std::make_shared<impl>(stream_layer{std::move(below), std::move(received)}, std::string{},
                                    std::string{}, max_message, options);
    return std::unique_ptr<websocket_stream>{new websocket_stream{std::move(i)}};
}

websocket_stream::~websocket_stream() { impl_->close(); }

std::string const& websocket_stream::protocol() const noexcept { return impl_->protocol(); }

unsigned websocket_stream::http_status() const noexcept { return impl_->http_status(); }

void websocket_stream::async_handshake(wait_handler handler) { impl_->handshake(std::move(handler)); }

bool websocket_stream::established() const noexcept { return impl_->established(); }

void websocket_stream::async_read(std::span<char> room, read_handler handler)
{
    impl_->read(room, std::move(handler));
}

std::size_t websocket_stream::try_write(std::span<std::string_view const> pieces, error_code& ec)
{
    return impl_->try_write(pieces, ec);
}

void websocket_stream::async_wait_writable(wait_handler handler) { impl_->wait_writable(std::move(handler)); }

bool websocket_stream::flushed() const noexcept { return impl_->layer().flushed(); }

std::size_t websocket_stream::unread() const noexcept { return impl_->layer().unread(); }

void websocket_stream::expect_large_messages() { impl_->layer().below().expect_large_messages(); }

void websocket_stream::cancel_read() { impl_->cancel_read(); }

void websocket_stream::close() { impl_->close(); }

asio::any_io_executor websocket_stream::get_executor() const noexcept
{
    return impl_->layer().get_executor();
}

credentials websocket_stream::get_credentials() const noexcept
{
    return impl_->layer().below().get_credentials();
}

} // namespace oizys::detail
