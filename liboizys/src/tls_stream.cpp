// SPDX-License-Identifier: BSL-1.0
#include "tls_stream.hpp"

#include "stream_layer.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <openssl/x509.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace asio = boost::asio;

namespace oizys::detail
{

using boost::system::error_code;

namespace
{

constexpr std::size_t record_size = 16384; ///< bytes that TLS encrypts at once (RFC 8446, section 5.1)

struct freed
{
    void operator()(X509* certificate) const noexcept { ::X509_free(certificate); }
    void operator()(BIO* bio) const noexcept { ::BIO_free(bio); }
};

std::optional<std::string> subject_of(X509* certificate)
{
    std::unique_ptr<BIO, freed> const text{::BIO_new(::BIO_s_mem())};
    if (!text ||
        ::X509_NAME_print_ex(text.get(), ::X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) < 0)
        return std::nullopt;
    char* data = nullptr;
    auto const size = BIO_get_mem_data(text.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
}

} // namespace

/// Kept by its operations: it may outlive the stream.
class tls_stream::impl final : public std::enable_shared_from_this<impl>
{
public:
    impl(stream_layer layer, std::shared_ptr<tls_context const> context, std::string const& host)
        : context_{std::move(context)}, tls_{std::move(layer), context_->make_connection(host)}
    {
    }

    stream_layer& layer() noexcept { return tls_.next_layer(); }
    stream_layer const& layer() const noexcept { return tls_.next_layer(); }

    void handshake(wait_handler handler)
    {
        on_handshake_ = std::move(handler);
        state_ = state::shaking_hands;
        layer().below().async_handshake(completion<impl, &impl::on_below_ready>{shared_from_this()});
    }

    bool established() const noexcept { return state_ == state::established; }

    void read(std::span<char> room, read_handler handler)
    {
        if (state_ == state::failed)
            return post_read(std::move(handler), error_);
        room_ = room;
        on_read_.emplace(std::move(handler));
        if (state_ == state::established)
            return read_some();
        accept();
    }

    std::size_t try_write(std::span<std::string_view const> pieces, error_code& ec)
    {
        ec = state_ == state::failed ? error_ : layer().error();
        if (ec)
            return 0;
        auto const queued = layer().queued();
        if (state_ != state::established || queued >= context_->write_buffer())
        {
            ec = asio::error::would_block;
            return 0;
        }
        auto const written = encrypt(pieces, context_->write_buffer() - queued, ec);
        layer().flush();
        return written;
    }

    void wait_writable(wait_handler handler)
    {
        if (state_ == state::failed)
            return asio::post(layer().get_executor(), asio::append(std::move(handler), error_));
        on_wait_ = std::move(handler);
        if (state_ != state::established)
            return accept();
        if (!std::exchange(waiting_, true)) // else one goes on whose handler was cancelled
            layer().async_wait(completion<impl, &impl::on_progress>{shared_from_this()});
    }

    void cancel_read()
    {
        error_code const aborted = asio::error::operation_aborted;
        if (on_wait_) // what it waits for goes on
            asio::post(layer().get_executor(), asio::append(std::exchange(on_wait_, {}), aborted));
        if (!on_read_)
            return;
        if (state_ == state::established)
            layer().cancel_read(); // our room is in use until the read has ended
        else
            post_read(take_read(), aborted);
    }

    void close()
    {
        if (std::exchange(closed_, true))
            return;
        if (state_ == state::established)
        {
            error_code ec; // would_block: the other end's answer is not waited for
            tls_.shutdown(ec);
            layer().flush();
        }
        else
        {
            fail(asio::error::operation_aborted);
        }
        layer().close(); // completes what is pending
    }

    credentials get_credentials() const
    {
        auto result = layer().below().get_credentials();
        result.subject = subject_;
        return result;
    }

    /// An operation was destroyed: the loop is gone, and nothing of ours completes any more.
    void abandon() noexcept
    {
        auto const self = shared_from_this();
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

    void accept()
    {
        if (state_ == state::fresh)
            shake_hands();
    }

    void on_below_ready(error_code ec)
    {
        if (closed_)
            return;
        if (ec)
            return fail(ec);
        shake_hands();
    }

    void shake_hands()
    {
        state_ = state::shaking_hands;
        auto const side = context_->role() == tls_role::client ? asio::ssl::stream_base::client
                                                               : asio::ssl::stream_base::server;
        tls_.async_handshake(side, completion<impl, &impl::on_hands_shaken>{shared_from_this()});
    }

    void on_hands_shaken(error_code ec)
    {
        if (closed_)
            return;
        auto* const connection = tls_.native_handle();
        auto const verdict = ::SSL_get_verify_result(connection);
        if (ec)
            // Asio tells that a certificate was refused, not why.
            return fail(verdict == X509_V_OK || !was_refused(ec)
                            ? ec
                            : error_code{static_cast<int>(verdict), certificate_category()});
        std::unique_ptr<X509, freed> const certificate{::SSL_get1_peer_certificate(connection)};
        if (certificate && verdict == X509_V_OK)
            subject_ = subject_of(certificate.get());
        state_ = state::established;
        auto const self = shared_from_this(); // handlers may drop the stream
        if (on_read_)
            read_some();
        if (on_handshake_)
            std::exchange(on_handshake_, {})(error_code{});
        if (on_wait_)
            std::exchange(on_wait_, {})(error_code{});
    }

    static bool was_refused(error_code ec)
    {
        return ec.category() == asio::error::get_ssl_category() &&
               ERR_GET_REASON(static_cast<unsigned long>(ec.value())) == SSL_R_CERTIFICATE_VERIFY_FAILED;
    }

    void read_some()
    {
        tls_.async_read_some(asio::buffer(room_.data(), room_.size()),
                             completion<impl, &impl::on_read_some>{shared_from_this()});
    }

    void on_read_some(error_code ec, std::size_t n)
    {
        if (on_read_)
            take_read()(closed_ ? asio::error::operation_aborted : ec, closed_ ? 0 : n);
    }

    /// Encrypts at most `room` bytes, in as few records as they need: each costs 22 bytes or more.
    std::size_t encrypt(std::span<std::string_view const> pieces, std::size_t room, error_code& ec)
    {
        std::size_t written = 0;
        record_.clear();
        for (auto piece : pieces)
        {
            piece = piece.substr(0, room);
            room -= piece.size();
            while (!piece.empty() && !ec)
            {
                auto const part = piece.substr(0, record_size - record_.size());
                piece.remove_prefix(part.size());
                bool const is_whole = part.size() == record_size;
                if (!is_whole)
                    record_.append(part);
                if (is_whole || record_.size() == record_size)
                    written += encrypt_record(is_whole ? part : std::string_view{record_}, ec);
            }
        }
        if (!record_.empty() && !ec)
            written += encrypt_record(record_, ec);
        return ec ? 0 : written;
    }

    std::size_t encrypt_record(std::string_view record, error_code& ec)
    {
        auto const n = tls_.write_some(asio::buffer(record.data(), record.size()), ec);
        record_.clear();
        return n;
    }

    void on_progress(error_code ec)
    {
        waiting_ = false;
        if (on_wait_)
            std::exchange(on_wait_, {})(ec);
    }

    /// No byte of the user's will flow. Handlers are posted: this may be called by close().
    void fail(error_code ec)
    {
        state_ = state::failed;
        error_ = ec;
        auto const executor = layer().get_executor();
        if (on_read_)
            post_read(take_read(), ec);
        if (on_wait_)
            asio::post(executor, asio::append(std::exchange(on_wait_, {}), ec));
        if (on_handshake_)
            asio::post(executor, asio::append(std::exchange(on_handshake_, {}), ec));
    }

    read_handler take_read()
    {
        auto handler = std::move(*on_read_);
        on_read_.reset();
        return handler;
    }

    void post_read(read_handler handler, error_code ec)
    {
        asio::post(layer().get_executor(), asio::append(std::move(handler), ec, std::size_t{0}));
    }

    std::shared_ptr<tls_context const> context_;
    asio::ssl::stream<stream_layer> tls_;
    std::string record_; ///< small pieces on their way into one record
    std::span<char> room_;
    std::optional<read_handler> on_read_;
    wait_handler on_wait_;
    wait_handler on_handshake_;
    error_code error_; ///< of the handshake
    std::optional<std::string> subject_;
    state state_ = state::fresh;
    bool waiting_ = false; ///< for the layer
    bool closed_ = false;
};

std::unique_ptr<tls_stream> tls_stream::client(std::unique_ptr<stream> below,
                                               std::shared_ptr<tls_context const> context,
                                               std::string const& host)
{
    auto i = std::make_shared<impl>(stream_layer{std::move(below)}, std::move(context), host);
    return std::unique_ptr<tls_stream>{new tls_stream{std::move(i)}};
}

std::unique_ptr<tls_stream> tls_stream::server(std::unique_ptr<stream> below,
                                               std::shared_ptr<tls_context const> context,
                                               std::string received)
{
    auto i = std::make_shared<impl>(stream_layer{std::move(below), std::move(received)}, std::move(context),
                                    std::string{});
    return std::unique_ptr<tls_stream>{new tls_stream{std::move(i)}};
}

tls_stream::~tls_stream() { impl_->close(); }

void tls_stream::async_handshake(wait_handler handler) { impl_->handshake(std::move(handler)); }

bool tls_stream::established() const noexcept { return impl_->established(); }

void tls_stream::async_read(std::span<char> room, read_handler handler)
{
    impl_->read(room, std::move(handler));
}

std::size_t tls_stream::try_write(std::span<std::string_view const> pieces, error_code& ec)
{
    return impl_->try_write(pieces, ec);
}

void tls_stream::async_wait_writable(wait_handler handler) { impl_->wait_writable(std::move(handler)); }

bool tls_stream::flushed() const noexcept { return impl_->layer().flushed(); }

bool tls_stream::crosses_network() const noexcept { return impl_->layer().below().crosses_network(); }

std::size_t tls_stream::unread() const noexcept { return impl_->layer().unread(); }

void tls_stream::expect_large_messages() { impl_->layer().below().expect_large_messages(); }

void tls_stream::cancel_read() { impl_->cancel_read(); }

void tls_stream::linger(std::chrono::milliseconds most) { impl_->layer().below().linger(most); }

void tls_stream::close() { impl_->close(); }

asio::any_io_executor tls_stream::get_executor() const noexcept { return impl_->layer().get_executor(); }

credentials tls_stream::get_credentials() const noexcept { return impl_->get_credentials(); }

} // namespace oizys::detail
