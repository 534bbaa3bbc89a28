// SPDX-License-Identifier: BSL-1.0
//
// How a call ended, as it is handed to who made it.
#pragma once

#include <oizys/function.hpp>
#include <oizys/rpc/codec/reader.hpp>
#include <oizys/rpc/protocol/error.hpp>

#include <boost/system/error_code.hpp>

namespace oizys::rpc
{

/// Exactly one of the three is set. Valid during the call of the handler that is given it.
struct call_end
{
    boost::system::error_code why{}; ///< there is no answer
    reader* result = nullptr;        ///< stands in front of the result
    error_object* error = nullptr;
};

/// With room for a completion handler of six pointers and what goes with it.
using call_handler = unique_function<void(call_end const&), 8>;

} // namespace oizys::rpc
