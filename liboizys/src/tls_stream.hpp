// SPDX-License-Identifier: BSL-1.0
//
// TLS over any other stream, in both roles.
#pragma once

#include "stream.hpp"
#include "tls_context.hpp"

#include <memory>
#include <string>

namespace oizys::detail
{

/// Errors of a handshake are those of `certificate_category()` where the other end's certificate was refused
/// here, and else OpenSSL's, in Asio's category: a certificate that the other end refuses, among others. With TLS
/// 1.3 a client whose certificate is refused learns it with its first read, not from its handshake.
///
/// `close()` tells the other end of it (close_notify) if the stream below takes that at once. A connection that ends
/// without being told so is reported as `boost::asio::ssl::error::stream_truncated`.
class tls_stream final : public stream
{
public:
    /// The end that connects: accepts a server that proves to be `host`, a name or an address.
    static std::unique_ptr<tls_stream> client(std::unique_ptr<stream> below,
                                              std::shared_ptr<tls_context const> context,
                                              std::string const& host);
    /// The end that accepts. `received` are bytes that were read from the stream already.
    static std::unique_ptr<tls_stream> server(std::unique_ptr<stream> below,
                                              std::shared_ptr<tls_context const> context,
                                              std::string received = {});
    tls_stream(tls_stream const&) = delete;
    tls_stream& operator=(tls_stream const&) = delete;
    ~tls_stream() override;

    void async_handshake(wait_handler handler) override;
    bool established() const noexcept override;
    void async_read(std::span<char> room, read_handler handler) override;
    std::size_t try_write(std::span<std::string_view const> pieces, boost::system::error_code& ec) override;
    void async_wait_writable(wait_handler handler) override;
    bool flushed() const noexcept override;
    bool crosses_network() const noexcept override;
    std::size_t unread() const noexcept override;
    void expect_large_messages() override;
    void cancel_read() override;
    void linger(std::chrono::milliseconds most) override;
    void close() override;
    boost::asio::any_io_executor get_executor() const noexcept override;
    /// Those of the stream below, and the verified subject of the other end's certificate.
    credentials get_credentials() const noexcept override;

private:
    class impl;
    explicit tls_stream(std::shared_ptr<impl> i) : impl_{std::move(i)} {}
    std::shared_ptr<impl> impl_;
};

} // namespace oizys::detail
