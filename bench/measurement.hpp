// SPDX-License-Identifier: BSL-1.0
//
// What one run of one row yields, and the meter that takes it within the client's process: time,
// and CPU time and allocations of both processes.
#pragma once

#include "plan.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <vector>

namespace bench
{

/// Plain numbers: they lie in memory that the processes share.
struct measurement
{
    double calls = 0;
    double seconds = 0;
    double p50_us = 0;
    double p99_us = 0;
    double client_cpu_ns = 0; ///< per call, user and system
    double server_cpu_ns = 0;
    double client_allocations = 0; ///< per call
    double server_allocations = 0;
    double wire_bytes = 0;      ///< one way, per large message; 0 where nobody counts them
    double idle_bytes = 0;      ///< resident, per connection that has exchanged nothing
    double idle_bytes_used = 0; ///< ... and per connection that has made a call

    double cpu_ns() const { return client_cpu_ns + server_cpu_ns; }
    double rate() const { return seconds > 0 ? calls / seconds : 0; }
};

/// Shared by the controller, the server and the client of one run.
struct shared_page
{
    std::uint64_t server_allocations = 0;
    std::uint64_t client_allocations = 0;
    measurement result{};
};

/// Used by the client: `start` after the warm-up, `sample` the time some calls took, `stop`.
class meter
{
public:
    using clock = std::chrono::steady_clock;

    meter(plan const& p, pid_t server, shared_page& page);

    void start();
    void stop();
    void sample(clock::duration took)
    {
        if (samples_.size() < samples_.capacity())
            samples_.push_back(took.count());
    }

    void set_wire_bytes(double each) { page_.result.wire_bytes = each; }
    void set_idle(double bytes_each, double bytes_each_used);
    pid_t server() const { return server_; }

private:
    struct reading
    {
        clock::time_point at;
        double client_cpu_ns;
        double server_cpu_ns;
        double client_allocations;
        double server_allocations;
    };
    reading read() const;

    shared_page& page_;
    pid_t server_;
    double calls_;
    reading begin_{};
    std::vector<clock::rep> samples_;
};

} // namespace bench
