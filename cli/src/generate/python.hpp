// SPDX-License-Identifier: BSL-1.0
//
// A client as a Python module.
#pragma once

#include "generate/model.hpp"

#include <string>

namespace oizys::generate
{

/// A module for Python 3.7 and later with the service's types as data classes, a class `Client` with a method for each
/// of the service's, and a class `Connection` to a server on a Unix socket or on TCP. It needs the standard library
/// and nothing else.
std::string python_client(model const& m);

} // namespace oizys::generate
