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
    bool (*supports)(plan const& p);
    void (*serve)(plan const& p);
    void (*run)(plan const& p, meter& m);
};

/// The first one is the raw socket, to which the others are compared.
std::span<row const> all_rows();

extern row const raw_row;
extern row const session_row;
extern row const shm_row;
extern row const shm_spin_row;
extern row const json_row;
extern row const msgpack_row;

} // namespace bench
