// SPDX-License-Identifier: BSL-1.0
#include <oizys/connect.hpp>

#include "connect_operation.hpp"

#include <boost/asio/post.hpp>

namespace oizys::detail
{

void start_connect(boost::asio::any_io_executor executor, endpoint where, connect_options options,
                   connect_handler handler)
{
    auto const operation =
        std::make_shared<connect_operation>(executor, std::move(where), options, std::move(handler));
    operation->listen_for_cancellation();
    // From here on only the executor's thread touches the operation: the caller's may be another one.
    boost::asio::post(executor, [operation] { operation->start(); });
}

} // namespace oizys::detail
