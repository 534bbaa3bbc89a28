// SPDX-License-Identifier: BSL-1.0
#include "websocket_stream.hpp"

#include "websocket_connection.hpp"

#include <utility>

namespace oizys::detail
{

std::unique_ptr<websocket_stream> websocket_stream::client(std::unique_ptr<stream> below, std::string host,
                                                           std::string target, std::size_t max_message,
                                                           websocket_options const& options)
{
    auto made = std::make_shared<websocket_connection>(stream_layer{std::move(below)}, std::move(host),
                                                       std::move(target), max_message, options);
    return std::unique_ptr<websocket_stream>{new websocket_stream{std::move(made)}};
}

std::unique_ptr<websocket_stream> websocket_stream::server(std::unique_ptr<stream> below,
                                                           std::string received, std::size_t max_message,
                                                           websocket_options const& options)
{
    auto made = std::make_shared<websocket_connection>(stream_layer{std::move(below), std::move(received)},
                                                       std::string{}, std::string{}, max_message, options);
    return std::unique_ptr<websocket_stream>{new websocket_stream{std::move(made)}};
}

websocket_stream::~websocket_stream() { connection_->close(); }

std::string const& websocket_stream::protocol() const noexcept { return connection_->protocol(); }

unsigned websocket_stream::http_status() const noexcept { return connection_->http_status(); }

void websocket_stream::async_handshake(wait_handler handler) { connection_->handshake(std::move(handler)); }

bool websocket_stream::established() const noexcept { return connection_->established(); }

void websocket_stream::async_read(std::span<char> room, read_handler handler)
{
    connection_->read(room, std::move(handler));
}

std::size_t websocket_stream::try_write(std::span<std::string_view const> pieces,
                                        boost::system::error_code& ec)
{
    return connection_->try_write(pieces, ec);
}

void websocket_stream::async_wait_writable(wait_handler handler)
{
    connection_->wait_writable(std::move(handler));
}

bool websocket_stream::flushed() const noexcept { return connection_->layer().flushed(); }

std::size_t websocket_stream::unread() const noexcept { return connection_->layer().unread(); }

void websocket_stream::expect_large_messages() { connection_->layer().below().expect_large_messages(); }

void websocket_stream::cancel_read() { connection_->cancel_read(); }

void websocket_stream::close() { connection_->close(); }

boost::asio::any_io_executor websocket_stream::get_executor() const noexcept
{
    return connection_->layer().get_executor();
}

credentials websocket_stream::get_credentials() const noexcept
{
    return connection_->layer().below().get_credentials();
}

} // namespace oizys::detail
