// SPDX-License-Identifier: BSL-1.0
#include "pipe_stream.hpp"

#include "descriptor_end.hpp"
#include "endpoint_socket.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fcntl.h>

#include <array>
#include <utility>

namespace oizys::detail
{

using boost::system::error_code;

struct pipe_stream::state : std::enable_shared_from_this<state>
{
    state(boost::asio::any_io_executor const& executor, unique_fd from, unique_fd to, error_code& ec_in,
          error_code& ec_out)
        : in{executor, std::move(from), descriptor_end::direction::in, ec_in}
        , out{executor, std::move(to), descriptor_end::direction::out, ec_out}
        , drained{executor}
    {
    }

    void read(std::span<char> room, read_handler handler)
    {
        in.async_wait([self = shared_from_this(), room, handler = std::move(handler)](error_code ec) mutable {
            self->on_readable(ec, room, std::move(handler));
        });
    }

    void on_readable(error_code ec, std::span<char> room, read_handler handler)
    {
        if (!ec && cancelled)
            ec = boost::asio::error::operation_aborted;
        auto const n = ec ? 0 : in.read(room, ec);
        if (ec == boost::asio::error::would_block)
            return read(room, std::move(handler)); // another process was faster
        if (ec != boost::asio::error::eof)
            return handler(ec, n);
        // Behind the flush of what was sent in this turn.
        boost::asio::post(in.get_executor(),
                          [self = shared_from_this(), handler = std::move(handler)]() mutable {
                              self->report_eof(std::move(handler));
                          });
    }

    void report_eof(read_handler handler)
    {
        if (cancelled)
            return handler(boost::asio::error::operation_aborted, 0);
        if (!blocked)
            return handler(boost::asio::error::eof, 0);
        // Not kept in a member: the loop owns what waits, and lets it go when it ends.
        drained.expires_at(boost::asio::steady_timer::time_point::max());
        drained.async_wait([self = shared_from_this(), handler = std::move(handler)](error_code) mutable {
            self->report_eof(std::move(handler));
        });
    }

    void cancel()
    {
        cancelled = true;
        in.cancel();
        out.cancel();
        drained.cancel();
    }

    void close()
    {
        cancel();
        in.close();
        out.close();
    }

    descriptor_end in;
    descriptor_end out;
    boost::asio::steady_timer drained; ///< never expires: cancelled when the output takes bytes again
    bool blocked = false;              ///< the output took nothing the last time
    bool cancelled = false;            ///< the pending read is
};

pipe_stream::pipe_stream(boost::asio::any_io_executor const& executor, unique_fd in, unique_fd out,
                         error_code& ec)
{
    error_code ec_out;
    state_ = std::make_shared<state>(executor, std::move(in), std::move(out), ec, ec_out);
    if (!ec)
        ec = ec_out;
}

pipe_stream::~pipe_stream() { state_->close(); }

void pipe_stream::async_read(std::span<char> room, read_handler handler)
{
    state_->cancelled = false;
    state_->read(room, std::move(handler));
}

std::size_t pipe_stream::try_write(std::span<std::string_view const> pieces, error_code& ec)
{
    std::array<iovec, max_pieces> vectors;
    for (std::size_t i = 0; i < pieces.size(); ++i)
        vectors[i] = {.iov_base = const_cast<char*>(pieces[i].data()), .iov_len = pieces[i].size()};
    auto const written = state_->out.write(std::span{vectors}.first(pieces.size()), ec);
    bool const blocked = ec == boost::asio::error::would_block;
    if (std::exchange(state_->blocked, blocked) && !blocked)
        state_->drained.cancel();
    return written;
}

void pipe_stream::async_wait_writable(wait_handler handler) { state_->out.async_wait(std::move(handler)); }

void pipe_stream::expect_large_messages()
{
    constexpr int wanted = 1 << 20; // bytes; /proc/sys/fs/pipe-max-size for all but root
    state_->in.enlarge(wanted);
    state_->out.enlarge(wanted);
}

void pipe_stream::cancel_read() { state_->cancel(); }

void pipe_stream::close() { state_->close(); }

unique_fd pipe_stream::release_input()
{
    state_->cancel();
    state_->out.close();
    return state_->in.release();
}

boost::asio::any_io_executor pipe_stream::get_executor() const noexcept { return state_->in.get_executor(); }

std::unique_ptr<stream> make_pipe_stream(boost::asio::any_io_executor const& executor, unique_fd in,
                                         unique_fd out, error_code& ec)
{
    ec.clear();
    if (!out && in)
    {
        out = unique_fd{::fcntl(in.get(), F_DUPFD_CLOEXEC, 3)};
        if (!out)
        {
            ec = last_error();
            return nullptr;
        }
    }
    auto result = std::make_unique<pipe_stream>(executor, std::move(in), std::move(out), ec);
    if (ec)
        return nullptr;
    return result;
}

} // namespace oizys::detail
