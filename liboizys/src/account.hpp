// SPDX-License-Identifier: BSL-1.0
//
// Users and groups by name.
#pragma once

#include <boost/system/error_code.hpp>

#include <sys/types.h>

#include <string>

namespace oizys::detail
{

/// `errc::unknown_name` if there is no such user; another error if the system could not find out.
uid_t uid_of_user(std::string const& name, boost::system::error_code& ec);

/// As uid_of_user.
gid_t gid_of_group(std::string const& name, boost::system::error_code& ec);

/// Of a name, or of a number in decimal digits.
gid_t gid_of_group_or_number(std::string const& text, boost::system::error_code& ec);

} // namespace oizys::detail
