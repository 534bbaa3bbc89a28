// SPDX-License-Identifier: BSL-1.0
#include "stream.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

namespace oizys::detail
{

void stream::async_handshake(wait_handler handler)
{
    boost::asio::post(get_executor(), [handler = std::move(handler)]() mutable { handler({}); });
}

void stream::receive_descriptors(descriptor_queue&) {}

std::size_t stream::try_write_with(std::span<std::string_view const>, std::span<unique_fd const>,
                                   boost::system::error_code& ec)
{
    ec = boost::asio::error::operation_not_supported;
    return 0;
}

} // namespace oizys::detail
