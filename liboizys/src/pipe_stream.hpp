// SPDX-License-Identifier: BSL-1.0
//
// A stream of two descriptors, one to read from and one to write to: pipes, FIFOs, terminals, sockets,
// even files. What each of them needs is in descriptor_end.
#pragma once

#include <oizys/unique_fd.hpp>

#include "stream.hpp"

#include <memory>

namespace oizys::detail
{

/// The end of the input does not end the output: `eof` is reported only when what the session had queued
/// until then is written, as the last command of a pipeline expects.
class pipe_stream final : public stream
{
public:
    pipe_stream(boost::asio::any_io_executor const& executor, unique_fd in, unique_fd out,
                boost::system::error_code& ec);
    ~pipe_stream() override;

    void async_read(std::span<char> room, read_handler handler) override;
    std::size_t try_write(std::span<std::string_view const> pieces, boost::system::error_code& ec) override;
    void async_wait_writable(wait_handler handler) override;
    void expect_large_messages() override;
    void cancel_read() override;
    void close() override;
    boost::asio::any_io_executor get_executor() const noexcept override;

    /// Closes, but for the input, which it gives away.
    unique_fd release_input();

private:
    struct state;
    std::shared_ptr<state> state_; ///< operations under way keep it
};

/// `out` may be empty: then `in` serves both directions. Takes both, whatever comes of it; nothing is
/// returned with an error, which is one of descriptor_end's.
std::unique_ptr<stream> make_pipe_stream(boost::asio::any_io_executor const& executor, unique_fd in,
                                         unique_fd out, boost::system::error_code& ec);

} // namespace oizys::detail
