// SPDX-License-Identifier: BSL-1.0
//
// Beast's WebSocket over any stream, complete. Only for the files that call it: it takes seconds to compile.
#pragma once

#include "stream_layer.hpp"
#include "websocket_handshake.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <utility>

namespace oizys::detail
{

/// Beast has closed the WebSocket, and asks for the connection to be closed: `close()` of the stream does that.
template <class Handler>
void async_teardown(boost::beast::role_type, stream_layer& layer, Handler&& handler)
{
    boost::asio::post(layer.get_executor(),
                      boost::asio::append(std::forward<Handler>(handler), boost::system::error_code{}));
}
inline void teardown(boost::beast::role_type, stream_layer&, boost::system::error_code& ec) { ec = {}; }

} // namespace oizys::detail
