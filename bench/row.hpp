// SPDX-License-Identifier: BSL-1.0
//
// A row: one way to exchange messages, measured in every mode that it supports.
#pragma once

#include "measurement.hpp"
#include "plan.hpp"

#include <span>
#include <string_view>

namespace bench
{

/// Its two functions run in two processes; `serve` may run for ever, it is ended with a signal.
struct row
{
    std::string_view name;
    std::string_view limit; ///< the raw row that it is compared to; of a raw one its own name
    bool (*supports)(plan const& p);
    void (*serve)(plan const& p);
    void (*run)(plan const& p, meter& m);
};

/// The raw ones stand in front of those that are compared to them.
std::span<row const> all_rows();

extern row const raw_row;
extern row const raw_tcp_row;
extern row const session_row;
extern row const negotiated_row;
extern row const memfd_row;
extern row const ws_row;
extern row const tcp_row;
extern row const zstd_row;
extern row const tls_row;
extern row const shm_row;
extern row const shm_spin_row;
extern row const json_row;
extern row const msgpack_row;

} // namespace bench
