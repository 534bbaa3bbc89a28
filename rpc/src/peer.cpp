// SPDX-License-Identifier: BSL-1.0
#include <oizys/rpc/peer.hpp>

#include "peer_impl.hpp"

#include <oizys/error.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/post.hpp>

#include <utility>

namespace oizys::rpc
{
namespace detail
{

std::optional<std::uint32_t> send_request(std::shared_ptr<peer_impl> const& impl, std::string_view method,
                                          function_ref<void(writer&)> arguments, call_options const& options,
                                          call_handler&& on_end, outgoing_batch* into)
{
    return impl->send_request(method, arguments, options, std::move(on_end), nullptr, into);
}

void cancel_call(std::weak_ptr<peer_impl> const& impl, std::uint32_t id)
{
    if (auto const p = impl.lock())
        p->cancel(id);
}

void report_failed_handler(std::weak_ptr<peer_impl> const& impl, boost::asio::any_io_executor const& own)
{
    if (impl.expired())
        return; // and perhaps the executor's context with it
    boost::asio::post(own, [impl] {
        if (auto const p = impl.lock())
            p->fail(oizys::errc::handler_failed); // what was thrown has no place in an error code
    });
}

boost::asio::any_io_executor executor_of(peer_impl const& impl) noexcept
{
    return impl.session().get_executor();
}

namespace
{

std::shared_ptr<peer_impl> make_impl(std::shared_ptr<session> s, std::shared_ptr<registry> served,
                                     peer_options const& options)
{
    auto impl = std::make_shared<peer_impl>(std::move(s), std::move(served),
                                            std::make_shared<peer_options const>(options));
    impl->start();
    return impl;
}

} // namespace
} // namespace detail

peer::peer(std::shared_ptr<oizys::session> session, peer_options const& options)
    : impl_{detail::make_impl(std::move(session), nullptr, options)}
{
}

peer::peer(std::shared_ptr<oizys::session> session, service const& served, peer_options const& options)
    : impl_{detail::make_impl(std::move(session), served.registry(), options)}
{
}

boost::system::error_code peer::send_notification(std::string_view method,
                                                  function_ref<void(writer&)> arguments)
{
    return impl_->send_notification(method, arguments);
}

void peer::set_onclose(unique_function<void(boost::system::error_code)> handler)
{
    impl_->set_onclose(std::move(handler));
}

void peer::close() { impl_->close(); }
bool peer::is_open() const noexcept { return impl_->session().is_open(); }
std::size_t peer::pending_calls() const noexcept { return impl_->pending(); }
protocol peer::protocol() const noexcept { return impl_->protocol(); }
oizys::credentials peer::credentials() const noexcept { return impl_->session().credentials(); }
boost::asio::any_io_executor peer::get_executor() const noexcept { return impl_->session().get_executor(); }
oizys::session& peer::session() const noexcept { return impl_->session(); }

} // namespace oizys::rpc
