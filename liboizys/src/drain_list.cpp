// SPDX-License-Identifier: BSL-1.0
#include "drain_list.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace asio = boost::asio;

namespace oizys::detail
{

void drain_list::add(handler h)
{
    auto const id = next_++;
    if (auto slot = asio::get_associated_cancellation_slot(h); slot.is_connected())
    {
        slot.assign([weak = weak_from_this(), id](asio::cancellation_type type) {
            if (auto const self = weak.lock(); self && type != asio::cancellation_type::none)
                self->cancel(id);
        });
    }
    asio::executor_work_guard<asio::any_completion_executor> work{
        asio::get_associated_executor(h, executor_)};
    waiting_.emplace(id, waiting{std::move(h), std::move(work)});
}

void drain_list::cancel(std::uint64_t id)
{
    auto node = waiting_.extract(id);
    if (!node.empty())
        post(executor_, std::move(node.mapped().completion), asio::error::operation_aborted);
}

void drain_list::complete(boost::system::error_code ec)
{
    for (auto& [id, w] : std::exchange(waiting_, {}))
        post(executor_, std::move(w.completion), ec);
}

void drain_list::post(asio::any_io_executor const& executor, handler h, boost::system::error_code ec)
{
    if (auto slot = asio::get_associated_cancellation_slot(h); slot.is_connected())
        slot.clear();
    asio::post(executor, asio::append(std::move(h), ec));
}

} // namespace oizys::detail
