// SPDX-License-Identifier: BSL-1.0
#include "memory_stream.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace oizys::detail
{

using boost::system::error_code;

/// Each end holds the bytes that it has not read yet. The other end is known weakly: who drops a
/// session closes its end, and nothing else keeps the pair alive.
struct memory_stream::end
{
    boost::asio::any_io_executor executor;
    memory_pipe_options options;
    std::shared_ptr<memory_pair_state> state;
    std::weak_ptr<end> other;

    std::string received; ///< written by the other end
    std::span<char> room; ///< of the pending read
    std::optional<read_handler> on_read;
    wait_handler on_writable;
    error_code broken; ///< what every further operation reports
    bool other_closed = false;

    // Counts an operation; true once, when the failure that was asked for is due.
    bool fails_now()
    {
        if (state->operations++ != options.fail_after)
            return false;
        state->failed = true;
        broken = boost::asio::error::connection_reset;
        if (auto const peer = other.lock())
        {
            peer->other_closed = true;
            peer->progress();
        }
        return true;
    }

    void complete_read(error_code ec, std::size_t n)
    {
        auto handler = std::move(*on_read);
        on_read.reset();
        boost::asio::post(executor, [handler = std::move(handler), ec, n]() mutable { handler(ec, n); });
    }

    void complete_wait(error_code ec)
    {
        boost::asio::post(executor,
                          [handler = std::exchange(on_writable, {}), ec]() mutable { handler(ec); });
    }

    /// Completes what can be completed now.
    void progress()
    {
        if (on_read)
        {
            if (!broken && !received.empty())
            {
                auto const n = std::min({room.size(), received.size(), options.max_transfer});
                std::copy_n(received.begin(), n, room.begin());
                received.erase(0, n);
                complete_read({}, n);
                if (auto const peer = other.lock())
                    peer->progress(); // there is room to write again
            }
            else if (broken)
                complete_read(broken, 0);
            else if (other_closed)
                complete_read(boost::asio::error::eof, 0);
        }
        if (on_writable)
        {
            auto const peer = other.lock();
            if (broken || other_closed || !peer || peer->received.size() < options.capacity)
                complete_wait({}); // an error is met by the write that follows, as with a socket
        }
    }
};

memory_stream::pair memory_stream::make_pair(boost::asio::any_io_executor const& executor,
                                             memory_pipe_options const& options,
                                             std::shared_ptr<memory_pair_state> const& state)
{
    auto const make_end = [&] {
        auto e = std::make_shared<end>();
        e->executor = executor;
        e->options = options;
        e->state = state;
        return e;
    };
    auto first = make_end();
    auto second = make_end();
    first->other = second;
    second->other = first;
    return {std::unique_ptr<stream>{new memory_stream{std::move(first)}},
            std::unique_ptr<stream>{new memory_stream{std::move(second)}}};
}

void memory_stream::async_read(std::span<char> room, read_handler handler)
{
    end_->room = room;
    end_->on_read.emplace(std::move(handler));
    end_->fails_now();
    end_->progress();
}

void memory_stream::async_wait_writable(wait_handler handler)
{
    end_->on_writable = std::move(handler);
    if (end_->fails_now())
        return end_->complete_wait(end_->broken);
    end_->progress();
}

std::size_t memory_stream::try_write(std::span<std::string_view const> pieces, error_code& ec)
{
    if (end_->fails_now())
        end_->progress(); // a read that is pending fails too
    auto const peer = end_->other.lock();
    ec = end_->broken;
    if (!ec && (end_->other_closed || !peer))
        ec = boost::asio::error::broken_pipe;
    if (ec)
        return 0;
    auto const used = peer->received.size();
    auto room =
        std::min(end_->options.capacity - std::min(used, end_->options.capacity), end_->options.max_transfer);
    if (room == 0)
    {
        ec = boost::asio::error::would_block;
        return 0;
    }
    std::size_t written = 0;
    for (auto const piece : pieces)
    {
        auto const part = piece.substr(0, room);
        peer->received.append(part);
        written += part.size();
        room -= part.size();
    }
    peer->progress();
    return written;
}

void memory_stream::cancel_read()
{
    if (end_->on_read)
        end_->complete_read(boost::asio::error::operation_aborted, 0);
}

void memory_stream::close()
{
    cancel_read();
    if (end_->on_writable)
        end_->complete_wait(boost::asio::error::operation_aborted);
    end_->broken = boost::asio::error::bad_descriptor;
    if (auto const peer = end_->other.lock())
    {
        peer->other_closed = true;
        peer->progress();
    }
}

boost::asio::any_io_executor memory_stream::get_executor() const noexcept { return end_->executor; }

} // namespace oizys::detail
