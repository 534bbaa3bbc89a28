// SPDX-License-Identifier: BSL-1.0
//
// A connected stream of bytes, as stream_session wants it. Every way to reach another process is one of
// these: a socket, a pipe, TLS, shared memory, a WebSocket (which hands over its messages with a length
// in front), two ends in memory.
#pragma once

#include <oizys/credentials.hpp>
#include <oizys/function.hpp>
#include <oizys/unique_fd.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace oizys::detail
{

class descriptor_queue;

/// Who reads a stream. It is kept alive by the read that is pending.
class stream_reader
{
public:
    virtual void on_read(boost::system::error_code ec, std::size_t n,
                         std::shared_ptr<stream_reader> self) = 0;
    /// The read was destroyed instead of completed: the loop is gone, and nothing will ever happen again.
    virtual void abandon() noexcept = 0;

protected:
    ~stream_reader() = default;
};

/// Completes a read: called exactly once, never within the function that took it, or destroyed. A class of
/// its own rather than a function object, because one of them is made for each read.
class read_handler
{
public:
    explicit read_handler(std::shared_ptr<stream_reader> reader) noexcept : reader_{std::move(reader)} {}
    read_handler(read_handler&&) noexcept = default;
    read_handler& operator=(read_handler&&) = delete;
    ~read_handler()
    {
        if (reader_)
            reader_->abandon();
    }

    void operator()(boost::system::error_code ec, std::size_t n)
    {
        auto& reader = *reader_;
        reader.on_read(ec, n, std::move(reader_));
    }

private:
    std::shared_ptr<stream_reader> reader_;
};

using wait_handler = unique_function<void(boost::system::error_code)>;

/// Reads asynchronously, writes without blocking and waits to be able to.
///
/// At most one read and one wait are pending at a time. Handlers are never called within the function that
/// took them. A stream may be destroyed while operations are pending: their handlers are then called
/// with `operation_aborted`, or destroyed with the loop.
/// @par Thread safety  unsafe: called on its executor.
class stream
{
public:
    static constexpr std::size_t max_pieces = 16; ///< that try_write is given at once

    virtual ~stream() = default;

    /// Does what must be done before bytes can flow (TLS, WebSocket, shared memory) and completes with its
    /// outcome; where nothing must be done it has succeeded already. Called at most once, before anything
    /// else: who connects wants to know. Who accepts does not call it: the first read does the same then, and
    /// try_write says `would_block` until it is done.
    virtual void async_handshake(wait_handler handler);
    /// Whether that is done.
    virtual bool established() const noexcept { return true; }

    /// Reads at least one byte into `room`, which stays valid until the handler is called. Completes with
    /// `eof` when the other end has closed.
    virtual void async_read(std::span<char> room, read_handler handler) = 0;

    /// Writes as much as can be taken at once, and returns how many bytes that was: at least one, or none with
    /// an error; `would_block` says that nothing can be taken now.
    virtual std::size_t try_write(std::span<std::string_view const> pieces,
                                  boost::system::error_code& ec) = 0;

    /// Waits until try_write may take something again. An error is better met by the write that follows.
    virtual void async_wait_writable(wait_handler handler) = 0;

    /// Everything that try_write took has left for the operating system; streams that keep bytes back
    /// (TLS, WebSocket) say no until then. After a no, async_wait_writable completes when it may have changed.
    virtual bool flushed() const noexcept { return true; }

    /// Bytes that were written and that the other end has not read yet, as far as the system tells; else 0.
    virtual std::size_t unread() const noexcept { return 0; }

    /// Whether what is written leaves this machine, so that fewer bytes are worth some work.
    virtual bool crosses_network() const noexcept { return false; }

    /// Whether descriptors can be passed along (Unix sockets). Without it, the next two are not called.
    virtual bool passes_descriptors() const noexcept { return false; }
    /// From now on, reads put the descriptors that arrive into `queue`, which outlives this stream or the reads;
    /// without it, descriptors that arrive are closed.
    virtual void receive_descriptors(descriptor_queue& queue);
    /// Like try_write; the descriptors travel with the first byte, or not at all.
    virtual std::size_t try_write_with(std::span<std::string_view const> pieces,
                                       std::span<unique_fd const> descriptors, boost::system::error_code& ec);

    /// Messages of 128 KiB and more are under way: larger buffers pay.
    virtual void expect_large_messages() {}

    /// Completes a pending read, and a pending wait, with `operation_aborted`.
    virtual void cancel_read() = 0;

    /// The close that follows is an orderly one: what was written shall still arrive, although the other end may be
    /// sending. For so long, its descriptor may stay.
    virtual void linger(std::chrono::milliseconds) {}

    /// Closes at once. Pending operations complete with `operation_aborted`.
    virtual void close() = 0;

    virtual boost::asio::any_io_executor get_executor() const noexcept = 0;
    virtual credentials get_credentials() const noexcept { return {}; }
    virtual unique_fd get_peer_pidfd() const noexcept { return {}; }
};

} // namespace oizys::detail
