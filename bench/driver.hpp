// SPDX-License-Identifier: BSL-1.0
//
// Issues the calls of an asynchronous client in the pattern of its plan, and meters them. It knows
// neither sessions nor peers: it is given a function that makes one call and is told of each answer.
#pragma once

#include "measurement.hpp"
#include "plan.hpp"

#include <oizys/function.hpp>

#include <boost/asio/io_context.hpp>

#include <cstddef>

namespace bench
{

class driver
{
public:
    /// Makes one call on the connection with this index.
    using call_function = oizys::unique_function<void(std::size_t connection)>;

    driver(boost::asio::io_context& io, plan const& p, meter& m, call_function call);

    /// Makes all calls and returns when they are answered.
    void run();

    /// A call was answered; answers of one connection come in the order of its calls.
    void answered();

private:
    void issue();
    void issue_burst();
    void finish_sample();

    boost::asio::io_context& io_;
    plan const& plan_;
    meter& meter_;
    call_function call_;
    std::size_t const all_;
    std::size_t issued_ = 0;
    std::size_t answered_ = 0;
    std::size_t sampled_ = 0; ///< the answer with this number ends the sample; 0: none is being taken
    meter::clock::time_point sample_begin_{};
};

} // namespace bench
