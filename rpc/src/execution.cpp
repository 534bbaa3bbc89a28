// SPDX-License-Identifier: BSL-1.0
#include <oizys/rpc/execution.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <deque>
#include <mutex>

namespace oizys::rpc
{

class execution::impl final : public std::enable_shared_from_this<impl>
{
public:
    using executor = boost::asio::any_io_executor;

    struct task
    {
        executor where;
        std::weak_ptr<void> connection;
        unique_function<void(executor const&, std::shared_ptr<void>)> run;
    };

    impl(executor where, execution_limits limits)
        : executor_{std::move(where)}
        , max_running_{std::max<std::size_t>(limits.max_running, 1)}
        , max_waiting_{limits.max_waiting}
    {
    }

    void add(task added)
    {
        if (executor_)
            added.where = executor_;
        {
            std::lock_guard const lock{mutex_};
            if (running_ >= max_running_)
            {
                if (waiting_.size() >= max_waiting_)
                    throw rpc::error{too_many_calls, "too many calls wait to be served"};
                return waiting_.push_back(std::move(added));
            }
            ++running_;
        }
        start(std::move(added));
    }

    std::size_t running() const
    {
        std::lock_guard const lock{mutex_};
        return running_;
    }
    std::size_t waiting() const
    {
        std::lock_guard const lock{mutex_};
        return waiting_.size();
    }

private:
    /// The task has a place until it lets go of what it is given, or is destroyed unrun.
    void start(task next)
    {
        std::shared_ptr<void> slot{nullptr, [self = shared_from_this()](std::nullptr_t) { self->on_end(); }};
        auto const where = next.where;
        boost::asio::post(where, [run = std::move(next.run), where, slot = std::move(slot)]() mutable {
            run(where, std::move(slot));
        });
    }

    void on_end() noexcept
    try
    {
        task next;
        do
        {
            next = {}; // what is not run is destroyed without the lock
            std::lock_guard const lock{mutex_};
            if (waiting_.empty())
            {
                --running_;
                return;
            }
            next = std::move(waiting_.front());
            waiting_.pop_front();
        } while (!executor_ && next.connection.expired()); // the context of its executor may be gone
        start(std::move(next));
    }
    catch (...) // out of memory: the task was destroyed, which has answered its call and let go of its place
    {
    }

    executor executor_; ///< empty: that of each task
    std::size_t max_running_;
    std::size_t max_waiting_;
    mutable std::mutex mutex_; ///< of what follows
    std::size_t running_ = 0;
    std::deque<task> waiting_;
};

execution::execution(boost::asio::any_io_executor executor, execution_limits limits)
    : impl_{std::make_shared<impl>(std::move(executor), limits)}
{
}

execution::execution(execution_limits limits)
    : impl_{std::make_shared<impl>(boost::asio::any_io_executor{}, limits)}
{
}

std::size_t execution::running() const { return impl_->running(); }
std::size_t execution::waiting() const { return impl_->waiting(); }

void execution::run(
    boost::asio::any_io_executor const& own, std::weak_ptr<void> connection,
    unique_function<void(boost::asio::any_io_executor const&, std::shared_ptr<void>)> call) const
{
    impl_->add({own, std::move(connection), std::move(call)});
}

} // namespace oizys::rpc
