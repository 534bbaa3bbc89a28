// SPDX-License-Identifier: BSL-1.0
#include <oizys/session.hpp>

#include "socket_stream.hpp"
#include "stream_session.hpp"

namespace oizys
{

std::shared_ptr<session> create_session(boost::asio::generic::stream_protocol::socket socket,
                                        session_options const& options)
{
    return detail::make_handle(std::make_unique<detail::socket_stream>(std::move(socket)), options);
}

std::shared_ptr<session> create_session(boost::asio::local::stream_protocol::socket socket)
{
    // Shared, because they are half as large as a session.
    static auto const defaults = std::make_shared<detail::session_settings const>();
    boost::asio::generic::stream_protocol::socket generic{std::move(socket)};
    return detail::make_session(std::make_unique<detail::socket_stream>(std::move(generic)), defaults);
}

} // namespace oizys
