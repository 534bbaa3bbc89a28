// SPDX-License-Identifier: BSL-1.0
#include <oizys/connect.hpp>

#include "connect_operation.hpp"
#include "socket_stream.hpp"
#include "stream_session.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

namespace oizys::detail
{

void start_connect(boost::asio::any_io_executor executor, endpoint where, connect_options options,
                   connect_extras extras, connect_handler handler)
{
    auto const operation = std::make_shared<connect_operation>(executor, std::move(where), options,
                                                               std::move(extras), std::move(handler));
    operation->listen_for_cancellation();
    // From here on only the executor's thread touches the operation: the caller's may be another one.
    boost::asio::post(executor, [operation] { operation->start(); });
}

void start_open(boost::asio::generic::stream_protocol::socket socket, session_options const& options,
                connect_handler handler)
{
    auto const executor = boost::asio::any_io_executor{socket.get_executor()};
    auto opening = make_handle(std::make_unique<socket_stream>(std::move(socket)), options);
    auto& session = *opening;
    auto slot = boost::asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected())
    {
        slot.assign([weak = std::weak_ptr{opening}](boost::asio::cancellation_type type) {
            if (auto const self = weak.lock(); self && type != boost::asio::cancellation_type::none)
                cancel_open(*self);
        });
    }
    // The session keeps the handler, and with it its own handle, until it is open or has ended.
    open_session(
        session,
        [executor, slot, opening = std::move(opening),
         handler = std::move(handler)](boost::system::error_code ec) mutable {
            if (slot.is_connected())
                slot.clear();
            boost::asio::post(executor,
                              boost::asio::append(std::move(handler), ec, ec ? nullptr : std::move(opening)));
        },
        wire::hello_exchange::role::connecting, options.handshake_timeout);
}

} // namespace oizys::detail
