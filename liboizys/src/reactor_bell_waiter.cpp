// SPDX-License-Identifier: BSL-1.0
#include "reactor_bell_waiter.hpp"

#include <boost/asio/detail/reactor_op.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/recycling_allocator.hpp>

#include <memory>
#include <utility>

#if OIZYS_HAS_REACTOR_BELL_WAITER
namespace asio = boost::asio;

namespace oizys::detail
{

/// Is done with the first edge, and takes it with it.
class reactor_bell_waiter::operation final : public asio::detail::reactor_op
{
public:
    using handler = unique_function<void(boost::system::error_code)>;

    static operation* make(asio::any_io_executor const& executor, handler h)
    {
        asio::recycling_allocator<operation> allocator;
        return ::new (static_cast<void*>(allocator.allocate(1))) operation{executor, std::move(h)};
    }

private:
    operation(asio::any_io_executor const& executor, handler h)
        : reactor_op{{}, &perform, &complete}, executor_{executor}, handler_{std::move(h)}
    {
    }

    static status perform(asio::detail::reactor_op*) { return done_and_exhausted; }

    // Without an owner the loop is being destroyed, and the handler with it.
    static void complete(void* owner, asio::detail::operation* base, boost::system::error_code const&,
                         std::size_t)
    {
        auto* const self = static_cast<operation*>(base);
        auto const ec = self->ec_;
        auto const executor = std::move(self->executor_);
        auto h = std::move(self->handler_);
        std::destroy_at(self);
        asio::recycling_allocator<operation>{}.deallocate(self, 1);
        if (owner != nullptr)
            asio::dispatch(executor, [h = std::move(h), ec]() mutable { h(ec); });
    }

    asio::any_io_executor executor_;
    handler handler_;
};

reactor_bell_waiter::reactor_bell_waiter(asio::any_io_executor const& executor)
    : executor_{executor}
    , reactor_{asio::use_service<asio::detail::reactor>(asio::query(executor, asio::execution::context))}
{
    reactor_.init_task();
}

void reactor_bell_waiter::open(unique_fd bell, boost::system::error_code& ec)
{
    bell_ = std::move(bell);
    ec.assign(reactor_.register_descriptor(bell_.get(), registration_), boost::system::system_category());
}

void reactor_bell_waiter::async_wait(unique_function<void(boost::system::error_code)> handler)
{
    reactor_.start_op(asio::detail::reactor::read_op, bell_.get(), registration_,
                      operation::make(executor_, std::move(handler)), false, true);
}

void reactor_bell_waiter::close() noexcept
{
    if (!bell_)
        return;
    // Not left to the closing of the descriptor: the other process has the same open file.
    reactor_.deregister_descriptor(bell_.get(), registration_, false);
    reactor_.cleanup_descriptor_data(registration_);
    bell_ = {};
}

} // namespace oizys::detail
#endif
