// SPDX-License-Identifier: BSL-1.0
//
// The sending end of a stream: credit, the one value that waits for it, and the answer at the end.
#pragma once

#include "core/budget.hpp"
#include "core/stream_credit.hpp"
#include "deferred_answer.hpp"

#include <oizys/rpc/stream.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace oizys::rpc::detail
{

/// Functions are called on the peer's executor, but for write, finish, fail and let_go, which any thread may call.
class outgoing_stream final : public std::enable_shared_from_this<outgoing_stream>
{
public:
    using written = stream_output::written;

    /// `place` is what counts this stream.
    outgoing_stream(deferred_answer answer, charge place, std::uint32_t most_credit);

    void start();
    void write(function_ref<void(writer&)> item, written done);
    void finish();
    void fail(error_object const& error);
    void fail(std::exception_ptr const& thrown);
    /// Nobody will write any more.
    void let_go();

    /// The caller has room for more values.
    void grant(std::uint64_t more);
    /// Nobody will be told anything any more.
    void drop() noexcept;

private:
    using state = deferred_answer::state;

    struct waiting_item
    {
        std::string encoded;
        written done;
    };

    template <class Function>
    void dispatch(Function f);
    void put(std::string encoded, written done);
    void send(waiting_item item);
    void collect(waiting_item item);
    void end();
    void cancel_waiting();
    void refuse(std::int64_t code, char const* message, written done);
    void post(written done, boost::system::error_code ec);
    bool is_over() const noexcept;

    deferred_answer answer_;
    std::shared_ptr<state> call_;
    charge place_;
    stream_credit credit_;
    std::optional<waiting_item> waiting_;
    bool ends_ = false;                     ///< behind what waits
    std::shared_ptr<outgoing_stream> kept_; ///< this, while it ends and something waits
    bool collects_ = false;                 ///< the caller does not know streams
    std::string collected_;
    std::vector<std::size_t> ends_of_collected_;
};

} // namespace oizys::rpc::detail
