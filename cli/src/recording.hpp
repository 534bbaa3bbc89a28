// SPDX-License-Identifier: BSL-1.0
//
// The format of recordings, before compression and without I/O.
//
// A recording begins with the line `oizys recording 1`. Then come records: four bytes of length, big endian, and a
// msgpack array [microseconds since the beginning, number of the connection, kind, message as binary].
#pragma once

#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oizys::cli
{

enum class record_kind : std::uint8_t
{
    opened = 0,
    to_server = 1,
    to_client = 2,
    closed = 3,
};

struct record
{
    std::chrono::microseconds time{};
    std::uint32_t connection = 0;
    record_kind kind = record_kind::opened;
    std::string message{}; ///< of the kinds that are directions

    friend bool operator==(record const&, record const&) = default;
};

std::string_view recording_header() noexcept;
std::string encode(record const& r);

/// Takes a recording in any pieces.
class recording_reader
{
public:
    static constexpr std::size_t max_record = 1u << 30; ///< bytes; negotiated sessions carry long messages

    void feed(std::string_view bytes);

    /// The next record; nothing if more bytes are needed. It is an error (bad_message) if this is no recording.
    boost::system::result<std::optional<record>> next();

    /// Whether what was fed ends between two records.
    bool at_boundary() const noexcept { return header_seen_ && used_ == buffer_.size(); }

private:
    std::string buffer_;
    std::size_t used_ = 0;
    bool header_seen_ = false;
};

} // namespace oizys::cli
