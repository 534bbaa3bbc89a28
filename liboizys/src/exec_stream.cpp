// SPDX-License-Identifier: BSL-1.0
#include "exec_stream.hpp"

#include "child_process.hpp"
#include "endpoint_socket.hpp"
#include "pipe_stream.hpp"
#include "socket_stream.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace oizys::detail
{

using boost::system::error_code;

namespace
{

// Where our 0 to 2 are closed, a new descriptor is one of them: it would pass for our standard error, and
// get another meaning in the child.
unique_fd above_standard(unique_fd fd, error_code& ec) noexcept
{
    if (!fd || fd.get() >= first_child_descriptor)
        return fd;
    unique_fd moved{::fcntl(fd.get(), F_DUPFD_CLOEXEC, first_child_descriptor)};
    if (!moved)
        ec = last_error();
    return moved;
}

// Only our end does not block: the child's is another description, and its program expects nothing special.
void make_nonblocking(unique_fd const& fd, error_code& ec) noexcept
{
    if (fd && ::fcntl(fd.get(), F_SETFL, O_NONBLOCK) != 0)
        ec = last_error();
}

struct pipe_ends
{
    unique_fd read;
    unique_fd write;
};

pipe_ends open_pipe(error_code& ec) noexcept
{
    int ends[2] = {-1, -1};
    if (!ec && ::pipe2(ends, O_CLOEXEC) != 0)
        ec = last_error();
    return {above_standard(unique_fd{ends[0]}, ec), above_standard(unique_fd{ends[1]}, ec)};
}

std::unique_ptr<stream> start_on_pipes(boost::asio::any_io_executor const& executor,
                                       std::vector<std::string> const& words, exec_options options,
                                       error_code& ec)
{
    auto input = open_pipe(ec);
    auto output = open_pipe(ec);
    make_nonblocking(input.write, ec);
    make_nonblocking(output.read, ec);
    if (ec)
        return nullptr;
    auto ours = std::make_unique<pipe_stream>(executor, std::move(output.read), std::move(input.write), ec);
    if (ec)
        return nullptr;
    auto child = child_process::start(executor, words, {.in = input.read.get(), .out = output.write.get()},
                                      std::move(options), ec);
    if (ec)
        return nullptr;
    auto release_input = [&channel = *ours] { return channel.release_input(); };
    return std::make_unique<exec_stream>(std::move(ours), std::move(release_input), std::move(child));
}

std::unique_ptr<stream> start_on_socket(boost::asio::any_io_executor const& executor,
                                        std::vector<std::string> const& words, exec_options options,
                                        error_code& ec)
{
    int ends[2] = {-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        ec = last_error();
    auto ours = above_standard(unique_fd{ends[0]}, ec);
    auto const theirs = above_standard(unique_fd{ends[1]}, ec);
    if (ec)
        return nullptr;
    auto socket = adopt(executor, std::move(ours), AF_UNIX, ec);
    if (ec)
        return nullptr;
    auto child = child_process::start(executor, words, {.three = theirs.get()}, std::move(options), ec);
    if (ec)
        return nullptr;
    auto channel = std::make_unique<socket_stream>(std::move(socket));
    auto release_input = [&channel = *channel] { return channel.release_input(); };
    return std::make_unique<exec_stream>(std::move(channel), std::move(release_input), std::move(child));
}

} // namespace

exec_stream::exec_stream(std::unique_ptr<stream> channel, unique_function<unique_fd()> release_input,
                         std::shared_ptr<child_process> child)
    : channel_{std::move(channel)}, release_input_{std::move(release_input)}, child_{std::move(child)}
{
}

exec_stream::~exec_stream() { close(); }

void exec_stream::async_handshake(wait_handler handler) { channel_->async_handshake(std::move(handler)); }

bool exec_stream::established() const noexcept { return channel_->established(); }

void exec_stream::async_read(std::span<char> room, read_handler handler)
{
    channel_->async_read(room, std::move(handler));
}

std::size_t exec_stream::try_write(std::span<std::string_view const> pieces, error_code& ec)
{
    return channel_->try_write(pieces, ec);
}

void exec_stream::async_wait_writable(wait_handler handler)
{
    channel_->async_wait_writable(std::move(handler));
}

bool exec_stream::flushed() const noexcept { return channel_->flushed(); }

std::size_t exec_stream::unread() const noexcept { return channel_->unread(); }

bool exec_stream::passes_descriptors() const noexcept { return channel_->passes_descriptors(); }

void exec_stream::receive_descriptors(descriptor_queue& queue) { channel_->receive_descriptors(queue); }

std::size_t exec_stream::try_write_with(std::span<std::string_view const> pieces,
                                        std::span<unique_fd const> descriptors, error_code& ec)
{
    return channel_->try_write_with(pieces, descriptors, ec);
}

void exec_stream::expect_large_messages() { channel_->expect_large_messages(); }

void exec_stream::cancel_read() { channel_->cancel_read(); }

void exec_stream::close()
{
    if (!release_input_)
        return;
    auto release_input = std::exchange(release_input_, {});
    auto output = release_input();
    channel_->close();
    child_->end(std::move(output));
}

boost::asio::any_io_executor exec_stream::get_executor() const noexcept { return channel_->get_executor(); }

credentials exec_stream::get_credentials() const noexcept
{
    return {.uid = std::nullopt, .gid = std::nullopt, .pid = child_->pid()};
}

std::unique_ptr<stream> make_exec_stream(boost::asio::any_io_executor const& executor,
                                         std::vector<std::string> const& words, child_channel channel,
                                         exec_options options, error_code& ec)
{
    ec.clear();
    switch (channel)
    {
    case child_channel::stdio: return start_on_pipes(executor, words, std::move(options), ec);
    case child_channel::fd3: return start_on_socket(executor, words, std::move(options), ec);
    }
    return nullptr;
}

} // namespace oizys::detail
