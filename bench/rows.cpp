// SPDX-License-Identifier: BSL-1.0
#include "row.hpp"

#include <array>

namespace bench
{

std::span<row const> all_rows()
{
    static std::array const rows{raw_row, session_row,  negotiated_row, memfd_row,   ws_row,
                                 shm_row, shm_spin_row, json_row,       msgpack_row, raw_tcp_row,
                                 tcp_row, zstd_row,     tls_row};
    return rows;
}

} // namespace bench
