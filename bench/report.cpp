// SPDX-License-Identifier: BSL-1.0
#include "report.hpp"

#include "targets.hpp"

#include <algorithm>
#include <utility>

namespace bench
{
namespace
{

struct spread
{
    double median = 0;
    double min = 0;
    double max = 0;
};

template <class Value>
spread over_rounds(std::span<result const> rounds, Value value)
{
    std::vector<double> values;
    for (auto const& r : rounds)
        values.push_back(value(r));
    std::ranges::sort(values);
    auto const half = values.size() / 2;
    auto const median = values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
    return {.median = median, .min = values.front(), .max = values.back()};
}

/// The rounds of each row in each mode, in the order they were measured first.
std::vector<std::vector<result>> by_row(std::span<result const> results)
{
    std::vector<std::vector<result>> groups;
    for (auto const& r : results)
    {
        auto const same = [&](auto const& group) {
            return group.front().mode == r.mode && group.front().row == r.row;
        };
        auto const found = std::ranges::find_if(groups, same);
        if (found != groups.end())
            found->push_back(r);
        else
            groups.push_back({r});
    }
    return groups;
}

double megabytes_per_second(result const& r)
{
    return r.measured.rate() * static_cast<double>(r.payload) / 1e6;
}

void write_figures(std::FILE* out, std::span<result const> rounds)
{
    auto const& first = rounds.front();
    auto const p50 = over_rounds(rounds, [](auto const& r) { return r.measured.p50_us; });
    auto const p99 = over_rounds(rounds, [](auto const& r) { return r.measured.p99_us; });
    auto const rate = over_rounds(rounds, [](auto const& r) { return r.measured.rate(); });
    auto const cpu = over_rounds(rounds, [](auto const& r) { return r.measured.cpu_ns(); });
    auto const p50_ratio = over_rounds(rounds, [](auto const& r) { return r.p50_ratio; });
    auto const cpu_ratio = over_rounds(rounds, [](auto const& r) { return r.cpu_ratio; });
    auto const allocated = over_rounds(rounds, [](auto const& r) { return r.measured.server_allocations; });
    auto const megabytes = over_rounds(rounds, megabytes_per_second);
    auto const wire = over_rounds(
        rounds, [](auto const& r) { return r.measured.wire_bytes / static_cast<double>(r.payload); });

    std::fprintf(out,
                 "%-15s %-10s %9.1f %9.1f %10.0f %8.0f %10.0f %10.0f %10.0f %6.2f %5.2f (%4.2f-%4.2f) %7.3f",
                 first.mode.data(), first.row.data(), p50.median, p99.median, rate.median, megabytes.median,
                 cpu.median, cpu.min, cpu.max, p50_ratio.median, cpu_ratio.median, cpu_ratio.min,
                 cpu_ratio.max, allocated.median);
    if (wire.median > 0)
        std::fprintf(out, " %7.3f", wire.median);
    std::fputc('\n', out);
}

void write_idle(std::FILE* out, std::span<result const> rounds)
{
    auto const& first = rounds.front();
    auto const fresh = over_rounds(rounds, [](auto const& r) { return r.measured.idle_bytes; });
    auto const used = over_rounds(rounds, [](auto const& r) { return r.measured.idle_bytes_used; });
    std::fprintf(out, "%-15s %-10s %9.0f (%5.0f - %5.0f) %9.0f (%5.0f - %5.0f)\n", first.mode.data(),
                 first.row.data(), fresh.median, fresh.min, fresh.max, used.median, used.min, used.max);
}

bool is_idle(std::span<result const> rounds) { return rounds.front().measured.idle_bytes_used != 0; }

} // namespace

void write_json(std::FILE* out, result const& r, std::string_view placement)
{
    auto const& m = r.measured;
    std::fprintf(out, R"({"mode":"%s","row":"%s","round":%zu,"placement":"%s")", r.mode.data(), r.row.data(),
                 r.round, placement.data());
    if (m.idle_bytes_used != 0)
        std::fprintf(out, R"(,"connections":%.0f,"bytes_each":%.0f,"bytes_each_after_a_call":%.0f)", m.calls,
                     m.idle_bytes, m.idle_bytes_used);
    else
        std::fprintf(out,
                     R"(,"payload":%zu,"calls":%.0f,"p50_us":%.3f,"p99_us":%.3f,"rate":%.1f,"mb_per_s":%.1f)"
                     R"(,"cpu_ns":%.1f,"cpu_ns_server":%.1f,"cpu_ns_client":%.1f)"
                     R"(,"allocations_server":%.4f,"allocations_client":%.4f)",
                     r.payload, m.calls, m.p50_us, m.p99_us, m.rate(), megabytes_per_second(r), m.cpu_ns(),
                     m.server_cpu_ns, m.client_cpu_ns, m.server_allocations, m.client_allocations);
    if (m.wire_bytes > 0)
        std::fprintf(out, R"(,"wire_bytes":%.1f)", m.wire_bytes);
    if (r.p50_ratio > 0)
        std::fprintf(out, R"(,"p50_to_raw":%.3f)", r.p50_ratio);
    if (r.cpu_ratio > 0)
        std::fprintf(out, R"(,"cpu_to_raw":%.3f)", r.cpu_ratio);
    std::fputs("}\n", out);
    std::fflush(out);
}

void write_table(std::FILE* out, std::span<result const> results)
{
    auto const groups = by_row(results);
    std::fprintf(out, "%-15s %-10s %9s %9s %10s %8s %10s %10s %10s %6s %17s %7s %7s\n", "mode", "row",
                 "p50 us", "p99 us", "calls/s", "MB/s", "CPU ns", "min", "max", "p50/raw",
                 "CPU/raw (min-max)", "allocs", "wire");
    for (auto const& rounds : groups)
    {
        if (!is_idle(rounds))
            write_figures(out, rounds);
    }
    std::fprintf(out, "\n%-15s %-10s %9s %15s %9s %15s\n", "mode", "row", "bytes each", "", "after a call",
                 "");
    for (auto const& rounds : groups)
    {
        if (is_idle(rounds))
            write_idle(out, rounds);
    }
    std::fprintf(
        out,
        "\nMedians over the rounds. CPU: user and system time of both processes per call. allocs: heap\n"
        "allocations of the server per call. wire: bytes sent per byte of a large message. Latencies of bursts\n"
        "and raw batches are of the whole burst.\n");
}

void write_targets(std::FILE* out, std::span<result const> results, bool two_cores)
{
    auto const groups = by_row(results);
    std::fprintf(out, "\n%-15s %-10s %-12s %9s %21s  %s\n", "target for", "", "", "measured", "min - max",
                 "at most");
    for (auto const& t : targets())
    {
        if (t.two_cores != two_cores)
            continue;
        auto const measured = std::ranges::find_if(groups, [&](auto const& group) {
            return group.front().mode == t.mode && group.front().row == t.row;
        });
        if (measured == groups.end())
            continue;
        auto const value = over_rounds(*measured, t.value);
        std::fprintf(out, "%-15s %-10s %-12s %9.3f %9.3f - %9.3f  %.4g %s %s\n", t.mode.data(), t.row.data(),
                     t.what.data(), value.median, value.min, value.max, t.limit, t.unit.data(),
                     value.median <= t.limit ? "" : " MISSED");
    }
}

} // namespace bench
