// SPDX-License-Identifier: BSL-1.0
//
// What failed in C++, as an error object for the other end.
#pragma once

#include <oizys/rpc/interceptor.hpp>
#include <oizys/rpc/protocol/error.hpp>

#include <boost/system/error_code.hpp>

#include <exception>

namespace oizys::rpc::detail
{

/// `hooks` may be null.
error_object error_of(boost::system::error_code why, service_hooks const* hooks);

/// What a handler has thrown. What is not meant for the other end is told only if `expose`.
error_object error_of(std::exception_ptr const& thrown, service_hooks const* hooks, bool expose);

} // namespace oizys::rpc::detail
