// SPDX-License-Identifier: BSL-1.0
//
// What a request says of itself between oizys ends. docs/protocol.md, section 12.1.
#pragma once

#include <oizys/rpc/codec/reader.hpp>
#include <oizys/rpc/codec/writer.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace oizys::rpc::detail
{

struct call_metadata
{
    std::optional<std::uint32_t> timeout{}; ///< milliseconds that the caller still waits
    std::uint32_t credit = 0; ///< values that may be sent as items; 0: the caller wants no stream
    bool progress = false;    ///< the caller wants to know
    std::string_view trace{}; ///< valid as long as the message

    bool empty() const noexcept { return !timeout && credit == 0 && !progress && trace.empty(); }
};

/// Reads a map; unknown members are skipped. False if it is none, or a member is not what it should be.
bool read_metadata(reader& in, call_metadata& out);
void write_metadata(writer& out, call_metadata const& metadata);

} // namespace oizys::rpc::detail
