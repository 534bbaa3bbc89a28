// SPDX-License-Identifier: BSL-1.0
#include <oizys/rpc/connect.hpp>

#include <oizys/rpc/service.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <memory>

namespace oizys::rpc::detail
{

void start_connect(boost::asio::any_io_executor executor, endpoint where, service const* served,
                   client_options const& options, connect_extras const* extras, peer_handler handler)
{
    namespace asio = boost::asio;
    auto const slot = asio::get_associated_cancellation_slot(handler);
    auto work = asio::make_work_guard(asio::get_associated_executor(handler, executor));
    auto kept = served != nullptr ? std::make_shared<service const>(*served) : nullptr;

    auto on_session = [h = std::move(handler), work = std::move(work), kept = std::move(kept),
                       how = options.peer](boost::system::error_code ec, std::shared_ptr<session> s) mutable {
        auto const made = ec ? peer{} : kept ? peer{std::move(s), *kept, how} : peer{std::move(s), how};
        asio::dispatch(work.get_executor(), asio::append(std::move(h), ec, made));
    };
    oizys::async_connect(std::move(executor), std::move(where), options.connect,
                         extras != nullptr ? *extras : connect_extras{},
                         asio::bind_cancellation_slot(slot, std::move(on_session)));
}

} // namespace oizys::rpc::detail
