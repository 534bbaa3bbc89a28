// SPDX-License-Identifier: BSL-1.0
//
// Streams of descriptors that this process was given: `fd:N`, `fd:IN,OUT` and `stdio:`.
#pragma once

#include <oizys/endpoint.hpp>
#include <oizys/unique_fd.hpp>

#include "stream.hpp"

#include <memory>

namespace oizys::detail
{

/// Picks the stream that fits: for a connected stream socket that serves both directions the one that all
/// sockets have, else a pipe_stream. An empty `out`, or one that is the same as `in`, means `in`.
///
/// Takes the descriptors, whatever comes of it, and makes them close-on-exec. Where others share their
/// description, it has the O_NONBLOCK afterwards that it had before.
/// Returns nothing with an error: `bad_descriptor` for what is not open, or not in this direction, and
/// those of descriptor_end.
std::unique_ptr<stream> make_descriptor_stream(boost::asio::any_io_executor const& executor, unique_fd in,
                                               unique_fd out, boost::system::error_code& ec);

/// The same for the descriptors that an endpoint of the kind `fd` names.
std::unique_ptr<stream> make_given_stream(boost::asio::any_io_executor const& executor, endpoint const& where,
                                          boost::system::error_code& ec);

/// A stream of the standard input and output.
///
/// They move to descriptors of the stream's own, so that closing it is an end of file at the other end, and
/// so that nothing else gets between its bytes: from now on descriptor 0 is /dev/null, and what the process
/// prints to descriptor 1 goes where its errors go. With an error nothing has changed.
std::unique_ptr<stream> make_stdio_stream(boost::asio::any_io_executor const& executor,
                                          boost::system::error_code& ec);

} // namespace oizys::detail
