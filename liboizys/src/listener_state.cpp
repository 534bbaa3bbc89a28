// SPDX-License-Identifier: BSL-1.0
#include "listener_state.hpp"

#include "listener_accept.hpp"

namespace oizys::detail
{

listener_state::listener_state(boost::asio::any_io_executor const& executor, endpoint const& where,
                               listener_options const& how, boost::system::error_code& ec)
    : options{how}
    , session{std::make_shared<session_options const>(how.session)}
    , socket{executor}
    , local{where}
{
    auto opened = open_listening_socket(executor, where, how, ec);
    if (ec)
        return;
    socket.assign(opened.fd.get(), ec);
    if (ec)
    {
        opened.file.remove();
        return;
    }
    opened.fd.release();
    family = opened.family;
    local = std::move(opened.local);
    gate.emplace(options, local, family, opened.group);
    file = std::move(opened.file);
    is_connection = opened.is_connection;
}

void listener_state::close() noexcept
{
    is_exhausted = false;
    if (!socket.is_open())
        return;
    file.remove();
    boost::system::error_code ignored; // the descriptor is gone in any case
    socket.close(ignored);
    if (auto const operation = pending.lock())
        operation->cancel();
}

} // namespace oizys::detail
