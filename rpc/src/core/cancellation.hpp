// SPDX-License-Identifier: BSL-1.0
//
// Whether a call that is being served is still wanted, and who is to be told when it is not.
#pragma once

#include <oizys/function.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

namespace oizys::rpc::detail
{

/// Thread-safe.
class cancellation
{
public:
    using handler = unique_function<void()>;

    bool cancelled() const noexcept { return cancelled_.load(std::memory_order_acquire); }

    /// Keeps a handler until the call is cancelled or over, and returns its number. If it is cancelled already, returns
    /// 0 and leaves the handler as it was.
    std::uint64_t add(handler& h)
    {
        std::lock_guard const lock{mutex_};
        if (cancelled())
            return 0;
        if (over_)
            return ++last_; // nobody will ever be told
        handlers_.emplace_back(++last_, std::move(h));
        return last_;
    }

    void remove(std::uint64_t number)
    {
        entry removed; // destroyed behind the lock: what it captures may come back here
        std::lock_guard const lock{mutex_};
        for (auto& e : handlers_)
            if (e.first == number)
            {
                std::swap(removed, e);
                std::swap(e, handlers_.back());
                handlers_.pop_back();
                return;
            }
    }

    /// Tells all, in no particular order, even if some throw; the first that was thrown is thrown on. Once: later calls, and
    /// calls behind `end`, do nothing.
    void cancel()
    {
        std::exception_ptr thrown;
        for (auto& e : take(true))
            try
            {
                e.second();
            }
            catch (...)
            {
                if (!thrown)
                    thrown = std::current_exception();
            }
        if (thrown)
            std::rethrow_exception(thrown);
    }

    /// The call is over: forgets all handlers.
    void end() { take(false); }

private:
    using entry = std::pair<std::uint64_t, handler>;

    std::vector<entry> take(bool cancel)
    {
        std::lock_guard const lock{mutex_};
        if (over_)
            return {};
        over_ = true;
        if (cancel)
            cancelled_.store(true, std::memory_order_release);
        return std::exchange(handlers_, {});
    }

    std::mutex mutex_; ///< of what follows
    std::vector<entry> handlers_;
    std::uint64_t last_ = 0;
    bool over_ = false;
    std::atomic<bool> cancelled_ = false; ///< stored under the mutex, read without
};

} // namespace oizys::rpc::detail
