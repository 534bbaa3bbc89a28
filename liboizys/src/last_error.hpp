// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/system/error_code.hpp>

#include <cerrno>

namespace oizys::detail
{

/// What errno says.
inline boost::system::error_code last_error() noexcept { return {errno, boost::system::system_category()}; }

} // namespace oizys::detail
