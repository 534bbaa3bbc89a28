// SPDX-License-Identifier: BSL-1.0
//
// Uses a stream as a session does, but moves plain bytes: what it is given to send it writes as fast as the stream
// takes it, and what it receives it keeps.
#pragma once

#include "stream.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oizys::test
{

class stream_user final : public detail::stream_reader, public std::enable_shared_from_this<stream_user>
{
public:
    using error_code = boost::system::error_code;

    explicit stream_user(std::unique_ptr<detail::stream> s, std::size_t room = 4096)
        : stream_{std::move(s)}, room_(room)
    {
    }

    detail::stream& stream() { return *stream_; }
    void drop_stream() { stream_.reset(); }

    void handshake()
    {
        stream_->async_handshake([self = shared_from_this()](error_code ec) {
            self->shaken_ = ec;
            if (!ec)
                self->write();
            self->tell();
        });
    }
    /// Nothing until it has completed.
    std::optional<error_code> shaken() const { return shaken_; }

    void read()
    {
        paused_ = false;
        if (!std::exchange(reading_, true))
            stream_->async_read(room_, detail::read_handler{shared_from_this()});
    }
    /// After the read that is pending.
    void pause() { paused_ = true; }

    void send(std::string_view bytes)
    {
        output_ += bytes;
        write();
    }

    /// Not written, or not flushed.
    bool busy() { return !output_.empty() || !stream_->flushed(); }

    /// Waits for busy() to end, and closes then.
    void close_when_flushed()
    {
        closing_ = true;
        write();
    }

    std::string received;
    std::optional<error_code> read_error;
    std::optional<error_code> write_error;
    bool abandoned = false;
    std::function<void()> on_event; ///< called whenever something has completed

private:
    void on_read(error_code ec, std::size_t n, std::shared_ptr<stream_reader>) override
    {
        reading_ = false;
        received.append(room_.data(), n);
        if (ec)
            read_error = ec;
        else if (stream_ && !paused_)
            read();
        tell();
    }

    void abandon() noexcept override { abandoned = true; }

    void tell()
    {
        if (on_event)
            on_event();
    }

    void write()
    {
        if (waiting_ || write_error || !stream_)
            return;
        error_code ec;
        while (!output_.empty() && !ec)
        {
            // In two pieces, as header and payload are.
            std::string_view const all{output_};
            std::vector<std::string_view> const pieces{all.substr(0, 3),
                                                       all.substr(std::min<std::size_t>(3, all.size()))};
            auto const n = stream_->try_write(pieces, ec);
            output_.erase(0, n);
        }
        if (ec && ec != boost::asio::error::would_block)
            write_error = ec;
        else if (ec || !stream_->flushed())
            wait();
        else if (closing_)
            stream_->close();
    }

    void wait()
    {
        waiting_ = true;
        stream_->async_wait_writable([self = shared_from_this()](error_code ec) {
            self->waiting_ = false;
            if (ec && ec != boost::asio::error::operation_aborted)
                self->write_error = ec;
            else if (!ec)
                self->write();
            self->tell();
        });
    }

    std::unique_ptr<detail::stream> stream_;
    std::vector<char> room_;
    std::string output_;
    std::optional<error_code> shaken_;
    bool reading_ = false;
    bool paused_ = false;
    bool waiting_ = false;
    bool closing_ = false;
};

} // namespace oizys::test
