// SPDX-License-Identifier: BSL-1.0
//
// Messages compressed with zstd, each on its own: nothing is remembered from one to the next, so that an idle
// session keeps no window, and a lost or hostile message spoils no other.
#pragma once

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace oizys::detail
{

/// The message as one zstd frame which tells its content's size; nothing where that would not be at least an
/// eighth shorter. `level` is brought within what zstd knows.
std::optional<std::string> compress(std::string_view message, int level);

/// The message in one zstd frame. `errc::message_too_large` where it says that it is longer than `max_size`,
/// which is found before memory is taken; `errc::bad_payload` where it is damaged or does not say. Bytes
/// behind the message may be read, as behind every received one.
std::string decompress(std::string_view frame, std::size_t max_size, boost::system::error_code& ec);

} // namespace oizys::detail
