// SPDX-License-Identifier: BSL-1.0
#include "stream.hpp"

#include <boost/asio/post.hpp>

namespace oizys::detail
{

void stream::async_handshake(wait_handler handler)
{
    boost::asio::post(get_executor(), [handler = std::move(handler)]() mutable { handler({}); });
}

} // namespace oizys::detail
