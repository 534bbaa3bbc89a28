// SPDX-License-Identifier: BSL-1.0
//
// Runs one row in one mode: a server and a client process, forked from a controller that has no
// threads and no event loop, each pinned to its processor.
#pragma once

#include "measurement.hpp"
#include "row.hpp"

#include <filesystem>

namespace bench
{

struct placement
{
    int server_cpu;
    int client_cpu;
};

placement same_core();
placement two_cores();

/// A folder for sockets that goes with its owner.
class temporary_folder
{
public:
    temporary_folder();
    temporary_folder(temporary_folder const&) = delete;
    temporary_folder& operator=(temporary_folder const&) = delete;
    ~temporary_folder();

    std::filesystem::path const& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// Allows as many open files as the system lets us have.
void raise_open_files();

/// @throws std::runtime_error  if one of the processes fails; it has said why on stderr.
measurement run_processes(row const& r, plan const& p, placement where);

} // namespace bench
