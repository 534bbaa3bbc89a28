// SPDX-License-Identifier: BSL-1.0
//
// A client as a C++ header.
#pragma once

#include "generate/model.hpp"

#include <string>

namespace oizys::generate
{

struct cpp_options
{
    std::string name_space{}; ///< empty: made from the document's title
};

/// A header with the service's types, a class `client` of asynchronous calls on an rpc::peer, and a class
/// `blocking_client` for scripts and tests. It needs oizys, Boost and nothing else.
std::string cpp_client(model const& m, cpp_options const& options = {});

} // namespace oizys::generate
