// SPDX-License-Identifier: BSL-1.0
//
// Memory that two processes share: memfds, their seals, and their pages in this process.
#pragma once

#include <oizys/unique_fd.hpp>

#include <boost/interprocess/mapped_region.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <optional>

namespace oizys::detail
{

/// Zeroed, close-on-exec, not executable where the kernel can say so (6.3), and ready to be sealed. `name` is for
/// people who look at /proc.
unique_fd make_memory_file(char const* name, std::size_t size, boost::system::error_code& ec) noexcept;

/// Adds seals, F_SEAL_…: fcntl(2).
void seal(int memory, int seals, boost::system::error_code& ec) noexcept;

/// Whether a descriptor that somebody else sent is memory with these seals, at least. Asks nothing that could block,
/// whatever it is: only memory has seals, while a file of some other kind may take as long as whoever serves it
/// likes (FUSE) to tell its size. Therefore this is asked first.
bool has_seals(int memory, int seals) noexcept;

/// Its size in bytes, where that can be told.
std::optional<std::size_t> size_of(int memory) noexcept;

/// Its first `size` bytes in this process; nothing with an error.
std::optional<boost::interprocess::mapped_region> map_memory(int memory, boost::interprocess::mode_t mode,
                                                             std::size_t size, boost::system::error_code& ec);

} // namespace oizys::detail
