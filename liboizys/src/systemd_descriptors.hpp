// SPDX-License-Identifier: BSL-1.0
//
// Who has taken which of the descriptors that were handed over. No environment here: it is given a list.
#pragma once

#include <oizys/function_ref.hpp>
#include <oizys/systemd.hpp>

#include <boost/system/error_code.hpp>

#include <string_view>
#include <utility>
#include <vector>

namespace oizys::systemd
{

/// Descriptors that are not taken stay open, as nobody's.
class descriptor_table
{
public:
    explicit descriptor_table(std::vector<descriptor> all = {}) : left_{std::move(all)} {}

    std::vector<descriptor> const& left() const noexcept { return left_; }

    /// Hands over the one that is asked for, see oizys::systemd::take.
    unique_fd take(std::string_view name, boost::system::error_code& ec);

    /// Like `take`, but leaves alone what is not a stream socket: `errc::not_a_socket`,
    /// `errc::not_a_stream_socket`.
    unique_fd take_stream(std::string_view name, boost::system::error_code& ec);

private:
    using iterator = std::vector<descriptor>::const_iterator;

    iterator find(std::string_view name, boost::system::error_code& ec) const;
    unique_fd hand_over(iterator at);

    std::vector<descriptor> left_;
};

/// Calls `use` with the table of this process, one thread at a time; not if the environment makes no sense.
void use_own_table(function_ref<void(descriptor_table&)> use, boost::system::error_code& ec);

} // namespace oizys::systemd
