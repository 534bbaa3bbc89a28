// SPDX-License-Identifier: BSL-1.0
//
// What ends the program without an answer: a sentence for stderr and an exit code.
#pragma once

#include "exit_code.hpp"

#include <boost/system/error_code.hpp>

#include <exception>
#include <stdexcept>
#include <string>

namespace oizys::cli
{

class failure : public std::runtime_error
{
public:
    failure(exit_code code, std::string const& why) : std::runtime_error{why}, code_{code} {}

    exit_code code() const noexcept { return code_; }

private:
    exit_code code_;
};

/// The exit code of a call, or of an attempt to connect, that ended with `ec`.
exit_code exit_code_of(boost::system::error_code ec) noexcept;

/// Prints what ended the program and tells its exit code.
int report(std::exception const& e);

} // namespace oizys::cli
