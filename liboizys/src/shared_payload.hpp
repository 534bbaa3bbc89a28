// SPDX-License-Identifier: BSL-1.0
//
// A message in shared memory: written once into a memfd, which is then sealed, so that the other end can map
// it and trust that it stays as it is.
#pragma once

#include <oizys/unique_fd.hpp>

#include <boost/interprocess/mapped_region.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace oizys::detail
{

/// A sealed memfd that holds the message and, as every received message has, readable bytes behind it.
unique_fd make_shared_payload(std::string_view message, boost::system::error_code& ec);

/// A received one, mapped for as long as this lives.
class shared_payload
{
public:
    /// Maps `size` bytes. `errc::bad_payload` where the descriptor is not a memfd that is sealed against every
    /// change and holds as much as it must: whoever sent it could otherwise change what was checked, or
    /// shorten it, which kills who reads on.
    shared_payload(unique_fd memory, std::uint64_t size, boost::system::error_code& ec);

    std::string_view view() const noexcept { return view_; }

private:
    boost::interprocess::mapped_region region_;
    std::string_view view_;
};

} // namespace oizys::detail
