// SPDX-License-Identifier: BSL-1.0
//
// A stream to a child process that is started for it.
#pragma once

#include <oizys/exec_options.hpp>

#include "stream.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace oizys::detail
{

class child_process;

/// What connects a child with the stream.
enum class child_channel : std::uint8_t
{
    stdio, ///< pipes at its standard input and output, as every filter expects
    fd3,   ///< a Unix socket at its descriptor 3; its input is /dev/null, its output is ours
};

/// Whatever `channel` does. Closing it closes the child's input and leaves the child, and what that still has to
/// say, to its supervisor.
class exec_stream final : public stream
{
public:
    /// `release_input` closes the channel, but for the descriptor that the child writes to, and returns that.
    exec_stream(std::unique_ptr<stream> channel, unique_function<unique_fd()> release_input,
                std::shared_ptr<child_process> child);
    ~exec_stream() override;

    void async_handshake(wait_handler handler) override;
    bool established() const noexcept override;
    void async_read(std::span<char> room, read_handler handler) override;
    std::size_t try_write(std::span<std::string_view const> pieces, boost::system::error_code& ec) override;
    void async_wait_writable(wait_handler handler) override;
    bool flushed() const noexcept override;
    std::size_t unread() const noexcept override;
    bool passes_descriptors() const noexcept override;
    void receive_descriptors(descriptor_queue& queue) override;
    std::size_t try_write_with(std::span<std::string_view const> pieces,
                               std::span<unique_fd const> descriptors,
                               boost::system::error_code& ec) override;
    void expect_large_messages() override;
    void cancel_read() override;
    void close() override;
    boost::asio::any_io_executor get_executor() const noexcept override;
    /// The pid of the child while it lives; what else the kernel says of these channels is about ourselves.
    credentials get_credentials() const noexcept override;

private:
    std::unique_ptr<stream> channel_;
    unique_function<unique_fd()> release_input_; ///< while it is open
    std::shared_ptr<child_process> child_;
};

/// Starts a program (see spawn) and connects it. The stream reports `eof` when the child, and all that it
/// handed its output to, have closed it: usually by exiting, and after all that was written was read.
///
/// When the stream is closed the child is brought to its end as the options say; that keeps the loop busy
/// for twice the grace time at most. What the child writes meanwhile is read and discarded.
/// Returns nothing with an error: that of spawn, of child_process, or of making the channel.
std::unique_ptr<stream> make_exec_stream(boost::asio::any_io_executor const& executor,
                                         std::vector<std::string> const& words, child_channel channel,
                                         exec_options options, boost::system::error_code& ec);

} // namespace oizys::detail
