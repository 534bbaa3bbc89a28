// SPDX-License-Identifier: BSL-1.0
#include "failure.hpp"

#include "text.hpp"

#include <oizys/error.hpp>
#include <oizys/rpc/error.hpp>

#include <boost/system/system_error.hpp>

#include <iostream>

namespace oizys::cli
{

exit_code exit_code_of(boost::system::error_code ec) noexcept
{
    if (ec == oizys::errc::bad_endpoint || ec == oizys::errc::path_too_long ||
        ec == oizys::errc::unknown_name || ec == rpc::errc::bad_arguments)
        return usage;
    if (ec == rpc::errc::timed_out)
        return timed_out;
    return no_connection;
}

int report(std::exception const& e)
{
    std::cerr << "oizys: " << one_line(e.what()) << '\n';
    if (auto const* const known = dynamic_cast<failure const*>(&e))
        return known->code();
    if (auto const* const error = dynamic_cast<boost::system::system_error const*>(&e))
        return exit_code_of(error->code());
    return no_connection;
}

} // namespace oizys::cli
