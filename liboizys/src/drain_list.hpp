// SPDX-License-Identifier: BSL-1.0
//
// Those who wait until a session has written everything.
#pragma once

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/system/error_code.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace oizys::detail
{

class drain_list final : public std::enable_shared_from_this<drain_list>
{
public:
    using handler = boost::asio::any_completion_handler<void(boost::system::error_code)>;

    explicit drain_list(boost::asio::any_io_executor executor) noexcept : executor_{std::move(executor)} {}

    /// Keeps it until `complete`, or until it is cancelled.
    void add(handler h);
    bool empty() const noexcept { return waiting_.empty(); }

    /// Posts all that wait.
    void complete(boost::system::error_code ec);
    static void post(boost::asio::any_io_executor const& executor, handler h, boost::system::error_code ec);

private:
    struct waiting
    {
        handler completion;
        boost::asio::executor_work_guard<boost::asio::any_completion_executor>
            work; ///< of the handler's executor
    };

    void cancel(std::uint64_t id);

    boost::asio::any_io_executor executor_;
    std::map<std::uint64_t, waiting> waiting_;
    std::uint64_t next_ = 0;
};

} // namespace oizys::detail
