// SPDX-License-Identifier: BSL-1.0
#include "driver.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace bench
{

driver::driver(boost::asio::io_context& io, plan const& p, meter& m, call_function call)
    : io_{io}, plan_{p}, meter_{m}, call_{std::move(call)}, all_{p.warm_up + p.count}
{
}

void driver::run()
{
    boost::asio::post(io_, [this] {
        if (plan_.shape == pattern::burst)
            return issue_burst();
        for (std::size_t i = 0; i < plan_.outstanding; ++i)
            issue();
    });
    io_.run();
    if (answered_ != all_)
        throw std::runtime_error{"the connection ended before all calls were answered"};
}

// One sample is taken at a time, so that looking at the clock costs little when many calls are under way.
void driver::issue()
{
    if (issued_ == all_)
        return;
    ++issued_;
    if (sampled_ == 0)
    {
        sampled_ = issued_;
        sample_begin_ = meter::clock::now();
    }
    call_(0);
}

void driver::issue_burst()
{
    auto const calls = std::min(plan_.outstanding, all_ - issued_);
    issued_ += calls;
    sampled_ = issued_;
    sample_begin_ = meter::clock::now();
    for (std::size_t i = 0; i < calls; ++i)
        call_(i % plan_.connections);
}

void driver::answered()
{
    ++answered_;
    if (answered_ == sampled_)
        finish_sample();
    if (answered_ == plan_.warm_up)
        meter_.start();
    if (answered_ == all_)
    {
        meter_.stop();
        return io_.stop();
    }
    if (plan_.shape != pattern::burst)
        return issue();
    if (answered_ == issued_)
        boost::asio::post(io_, [this] { issue_burst(); });
}

void driver::finish_sample()
{
    meter_.sample(meter::clock::now() - sample_begin_);
    sampled_ = 0;
}

} // namespace bench
