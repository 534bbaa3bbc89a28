// SPDX-License-Identifier: BSL-1.0
//
// How a stream becomes a WebSocket (RFC 6455, section 4): the request and its answer, for the end that asks and the one that
// grants or refuses. Its time is its owner's, and so is what comes after.
#pragma once

#include <oizys/websocket_options.hpp>

#include "stream_layer.hpp"

#include <boost/beast/websocket/stream_fwd.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace oizys::detail
{

using websocket_socket = boost::beast::websocket::stream<stream_layer, false>; // without compression

class websocket_handshake : public std::enable_shared_from_this<websocket_handshake>
{
public:
    struct outcome
    {
        boost::system::error_code error;
        std::string protocol;       ///< agreed upon
        unsigned http_status = 0;   ///< of the answer; 0 if there is none
        bool is_still_sent = false; ///< by the other end, what was refused
    };

    /// Owns the socket. It is kept by the operations of the handshake.
    class owner
    {
    public:
        /// Called once, or not at all after `stop`.
        virtual void on_outcome(outcome what) = 0;
        /// An operation was destroyed: the loop is gone.
        virtual void abandon() noexcept = 0;

    protected:
        ~owner() = default;
    };

    websocket_handshake(std::shared_ptr<owner> of, websocket_socket& socket,
                        websocket_options const& options);
    ~websocket_handshake();

    /// Asks `host` (as the Host header wants it) for `target`.
    void connect(std::string const& host, std::string const& target);
    /// Waits for a request, and answers it.
    void accept();
    /// The owner has given up: it is told nothing any more.
    void stop() noexcept { stopped_ = true; }
    void abandon() noexcept { owner_->abandon(); }

private:
    struct messages;

    stream_layer& layer() noexcept;
    void on_below_ready(boost::system::error_code ec);
    void on_client_ready(boost::system::error_code ec);
    void read_request();
    void on_request(boost::system::error_code ec, std::size_t n);
    void judge();
    void refuse(unsigned status, std::string_view reason);
    void on_refused(boost::system::error_code ec, std::size_t n);
    void grant();
    void on_granted(boost::system::error_code ec);
    void end(boost::system::error_code ec);

    std::shared_ptr<owner> owner_;
    websocket_socket& socket_;
    websocket_options const& options_;
    std::unique_ptr<messages> messages_;
    std::string host_;
    std::string target_;
    outcome outcome_;
    bool stopped_ = false;
};

} // namespace oizys::detail
