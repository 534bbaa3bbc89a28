// SPDX-License-Identifier: BSL-1.0
#include "targets.hpp"

#include <array>

namespace bench
{
namespace
{

double p50_ratio(result const& r) { return r.p50_ratio; }
double cpu_ratio(result const& r) { return r.cpu_ratio; }
double p50_us(result const& r) { return r.measured.p50_us; }
double cpu_ns(result const& r) { return r.measured.cpu_ns(); }
double cpu_us(result const& r) { return r.measured.cpu_ns() / 1e3; }
double idle_kib(result const& r) { return r.measured.idle_bytes / 1024; }
double server_allocations(result const& r) { return r.measured.server_allocations; }

// Those of session, json, msgpack and shm were set before there was anything to measure; tcp is held to what session is,
// and memfd to the socket that it is to be faster than. Those of negotiated, ws and tls bound what was measured.
constexpr std::array all{
    target{"latency", "session", "p50", "x raw", p50_ratio, 1.15},
    target{"latency", "session", "CPU", "x raw", cpu_ratio, 1.15},
    target{"latency", "shm", "p50", "x raw", p50_ratio, 0.6},
    target{"latency", "shm", "CPU", "x raw", cpu_ratio, 0.6},
    target{"latency", "shm-spin", "p50", "us", p50_us, 1, true},
    target{"latency", "negotiated", "CPU", "x raw", cpu_ratio, 1.25},
    target{"latency", "ws", "CPU", "x raw", cpu_ratio, 1.4},
    target{"latency", "tcp", "p50", "x raw-tcp", p50_ratio, 1.15},
    target{"latency", "tcp", "CPU", "x raw-tcp", cpu_ratio, 1.15},
    target{"latency", "tls", "CPU", "x raw-tcp", cpu_ratio, 1.6},
    target{"latency", "json", "p50", "x raw", p50_ratio, 1.25},
    target{"latency", "json", "CPU", "x raw", cpu_ratio, 1.25},
    target{"latency", "msgpack", "p50", "x raw", p50_ratio, 1.15},
    target{"latency", "msgpack", "CPU", "x raw", cpu_ratio, 1.15},
    target{"pipelined-64", "session", "CPU", "x raw", cpu_ratio, 1.35},
    target{"pipelined-64", "negotiated", "CPU", "x raw", cpu_ratio, 1.8},
    target{"pipelined-64", "ws", "CPU", "x raw", cpu_ratio, 4},
    target{"pipelined-64", "tcp", "CPU", "x raw-tcp", cpu_ratio, 1.35},
    target{"pipelined-64", "tls", "CPU", "x raw-tcp", cpu_ratio, 10},
    target{"pipelined-64", "json", "CPU", "x raw", cpu_ratio, 3.2},
    target{"pipelined-64", "msgpack", "CPU", "x raw", cpu_ratio, 2.2},
    target{"pipelined-64", "session", "allocations", "per call", server_allocations, 0.001},
    target{"pipelined-64", "json", "allocations", "per call", server_allocations, 0.001},
    target{"pipelined-64", "msgpack", "allocations", "per call", server_allocations, 0.001},
    target{"large-100k", "session", "CPU", "x raw", cpu_ratio, 1.35},
    target{"large-100k", "tcp", "CPU", "x raw-tcp", cpu_ratio, 1.35},
    target{"large-256k", "memfd", "CPU", "x raw", cpu_ratio, 1},
    target{"large-1m", "session", "CPU", "x raw", cpu_ratio, 1.2},
    target{"large-1m", "shm", "p50", "x raw", p50_ratio, 1 / 1.5},
    target{"large-1m", "negotiated", "CPU", "x raw", cpu_ratio, 2},
    target{"large-1m", "memfd", "CPU", "x raw", cpu_ratio, 1},
    target{"large-1m", "ws", "CPU", "x raw", cpu_ratio, 3},
    target{"large-1m", "tcp", "CPU", "x raw-tcp", cpu_ratio, 1.35},
    target{"large-15m", "memfd", "CPU", "x raw", cpu_ratio, 1},
    target{"large-15m", "tcp", "CPU", "x raw-tcp", cpu_ratio, 1.35},
    target{"large-15m", "session", "CPU", "x raw", cpu_ratio, 1.35},
    target{"oneway", "session", "CPU", "ns", cpu_ns, 120},
    target{"oneway", "json", "CPU", "ns", cpu_ns, 240},
    target{"active-1000", "session", "CPU", "us", cpu_us, 14},
    target{"active-1000", "json", "CPU", "us", cpu_us, 14},
    target{"active-1000", "msgpack", "CPU", "us", cpu_us, 14},
    target{"idle-10000", "session", "memory", "KiB each", idle_kib, 1.5},
    target{"idle-10000", "json", "memory", "KiB each", idle_kib, 2.5},
    target{"idle-10000", "msgpack", "memory", "KiB each", idle_kib, 2.5},
};

} // namespace

std::span<target const> targets() { return all; }

} // namespace bench
