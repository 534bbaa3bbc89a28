// SPDX-License-Identifier: BSL-1.0
#include "measurement.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <stdexcept>

namespace bench
{
namespace
{

double cpu_ns(pid_t process)
{
    clockid_t clock{};
    timespec now{};
    if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &now) != 0)
        throw std::runtime_error{"cannot read the CPU clock of the other process: did it end?"};
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double quantile_us(std::vector<meter::clock::rep>& samples, double q)
{
    if (samples.empty())
        return 0;
    auto const at = static_cast<std::ptrdiff_t>(std::floor(q * static_cast<double>(samples.size() - 1)));
    std::nth_element(samples.begin(), samples.begin() + at, samples.end());
    return static_cast<double>(samples[static_cast<std::size_t>(at)]) / 1e3;
}

} // namespace

meter::meter(plan const& p, pid_t server, shared_page& page)
    : page_{page}, server_{server}, calls_{static_cast<double>(p.count)}
{
    samples_.reserve(p.count);
}

meter::reading meter::read() const
{
    return {.at = clock::now(),
            .client_cpu_ns = cpu_ns(0),
            .server_cpu_ns = cpu_ns(server_),
            .client_allocations = static_cast<double>(page_.client_allocations),
            .server_allocations = static_cast<double>(page_.server_allocations)};
}

void meter::start()
{
    samples_.clear();
    begin_ = read();
}

void meter::stop()
{
    auto const end = read();
    auto& result = page_.result;
    result.calls = calls_;
    result.seconds = std::chrono::duration<double>{end.at - begin_.at}.count();
    result.client_cpu_ns = (end.client_cpu_ns - begin_.client_cpu_ns) / calls_;
    result.server_cpu_ns = (end.server_cpu_ns - begin_.server_cpu_ns) / calls_;
    result.client_allocations = (end.client_allocations - begin_.client_allocations) / calls_;
    result.server_allocations = (end.server_allocations - begin_.server_allocations) / calls_;
    result.p50_us = quantile_us(samples_, 0.5);
    result.p99_us = quantile_us(samples_, 0.99);
}

void meter::set_idle(double bytes_each, double bytes_each_used)
{
    page_.result.calls = calls_;
    page_.result.idle_bytes = bytes_each;
    page_.result.idle_bytes_used = bytes_each_used;
}

} // namespace bench
