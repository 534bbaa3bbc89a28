// SPDX-License-Identifier: BSL-1.0
//
// Calls one method over and over on some connections, and counts.
#pragma once

#include "histogram.hpp"

#include <oizys/rpc/codec/value.hpp>
#include <oizys/rpc/outcome.hpp>
#include <oizys/rpc/peer.hpp>

#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace oizys::cli
{

class load
{
public:
    using clock = std::chrono::steady_clock;

    load(std::vector<rpc::peer> peers, std::string method, rpc::value parameters)
        : peers_{std::move(peers)}, method_{std::move(method)}, parameters_{std::move(parameters)}
    {
    }

    /// Keeps `outstanding` calls under way on each connection until `end`; `on_end` is told when the last one was
    /// answered. To be called once.
    void start(std::size_t outstanding, clock::time_point end, std::function<void()> on_end);

    histogram const& times() const noexcept { return times_; }
    std::uint64_t errors() const noexcept { return errors_; } ///< calls that were answered with an error
    std::uint64_t timeouts() const noexcept { return timeouts_; }
    std::optional<rpc::error_object> const& first_error() const noexcept { return first_error_; }
    boost::system::error_code lost() const noexcept { return lost_; } ///< why it ended early

private:
    void call(rpc::peer const& on);
    void answered(rpc::peer const& on, clock::time_point start, boost::system::error_code ec,
                  rpc::outcome<void> const& answer);

    std::vector<rpc::peer> peers_;
    std::string method_;
    rpc::value parameters_;
    clock::time_point end_{};
    std::function<void()> on_end_;
    std::size_t under_way_ = 0;
    histogram times_;
    std::uint64_t errors_ = 0;
    std::uint64_t timeouts_ = 0;
    std::optional<rpc::error_object> first_error_;
    boost::system::error_code lost_;
};

} // namespace oizys::cli
