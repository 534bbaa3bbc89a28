// SPDX-License-Identifier: BSL-1.0
#include "load.hpp"

#include <oizys/rpc/error.hpp>

#include <utility>

namespace oizys::cli
{

void load::start(std::size_t outstanding, clock::time_point end, std::function<void()> on_end)
{
    end_ = end;
    on_end_ = std::move(on_end);
    for (std::size_t i = 0; i < outstanding; ++i)
    {
        for (auto const& peer : peers_)
            call(peer);
    }
}

void load::call(rpc::peer const& on)
{
    ++under_way_;
    auto peer = on;
    peer.async_call<void>(
        method_, parameters_,
        [this, &on, start = clock::now()](boost::system::error_code ec, rpc::outcome<void> answer) {
            answered(on, start, ec, answer);
        });
}

void load::answered(rpc::peer const& on, clock::time_point start, boost::system::error_code ec,
                    rpc::outcome<void> const& answer)
{
    --under_way_;
    auto const now = clock::now();
    if (!ec)
        times_.add(now - start);
    else if (ec == rpc::errc::timed_out)
        ++timeouts_;
    else
        lost_ = ec;
    if (!ec && !answer.has_value())
    {
        ++errors_;
        if (!first_error_)
            first_error_ = answer.error();
    }
    if (now < end_ && !lost_)
        call(on);
    else if (under_way_ == 0)
        std::exchange(on_end_, nullptr)();
}

} // namespace oizys::cli
