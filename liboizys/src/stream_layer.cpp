// SPDX-License-Identifier: BSL-1.0
#include "stream_layer.hpp"

#include "wire/spare_memory.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <optional>

namespace asio = boost::asio;

namespace oizys::detail
{

using boost::system::error_code;

namespace
{

constexpr std::size_t kept_output = 65536; ///< bytes; a larger buffer is given back once it is empty

template <class Handler, class... Args>
void post(asio::any_io_executor const& executor, Handler handler, Args... args)
{
    asio::post(executor, asio::append(std::move(handler), args...));
}

/// Takes out what is to be called: it may start the next operation.
template <class Handler>
Handler take_out(std::optional<Handler>& from)
{
    auto handler = std::move(*from);
    from.reset();
    return handler;
}

} // namespace

/// Shared with the operations below, which may end after the layer.
class stream_layer::core final : public stream_reader, public std::enable_shared_from_this<core>
{
public:
    core(std::unique_ptr<stream> stream_below, std::string bytes)
        : below{std::move(stream_below)}, received{std::move(bytes)}
    {
    }

    void read(std::span<char> into, io_handler handler)
    {
        auto const executor = below->get_executor();
        if (closed)
            return post(executor, std::move(handler), error_code{asio::error::operation_aborted},
                        std::size_t{0});
        if (readable == 0 && !into.empty())
            return post(executor, std::move(handler), error_code{asio::error::message_size}, std::size_t{0});
        into = into.first(std::min(into.size(), readable));
        if (into.empty() || !received.empty())
        {
            auto const n = received.copy(into.data(), into.size());
            received.erase(0, n);
            count(n);
            return post(executor, std::move(handler), error_code{}, n);
        }
        if (auto const n = input ? input->take(into) : 0; n != 0)
        {
            count(n);
            return post(executor, std::move(handler), error_code{}, n);
        }
        on_read_some.emplace(std::move(handler));
        room = into;
        read_below(shared_from_this());
    }

    void read_below(std::shared_ptr<stream_reader> self)
    {
        past_input = !input || input->passes(room);
        below->async_read(past_input ? room : input->prepare(), read_handler{std::move(self)});
    }

    void on_read(error_code ec, std::size_t n, std::shared_ptr<stream_reader> self) override
    {
        if (input && past_input)
            input->passed(n);
        else if (input && !ec)
        {
            input->commit(n);
            n = input->take(room);
            if (n == 0 && !closed)
                return read_below(std::move(self)); // the first bytes of a header
        }
        count(n);
        // Called on the executor, and never within the function that began to read: as good as posted.
        if (on_read_some)
            take_out(on_read_some)(ec, n);
    }

    void count(std::size_t n)
    {
        if (readable != unlimited)
            readable -= n;
    }

    void write(std::size_t n, io_handler handler)
    {
        flush();
        if (closed || failure || output.empty())
            return post(below->get_executor(), std::move(handler), write_result(), failure ? 0 : n);
        written = n;
        on_write_some.emplace(std::move(handler));
    }

    void flush()
    {
        error_code ec;
        while (sent < output.size() && !ec && !failure && !closed)
        {
            std::string_view const rest = std::string_view{output}.substr(sent);
            auto const n = below->try_write({&rest, 1}, ec);
            if (!ec)
                sent += n;
        }
        if (ec == asio::error::would_block)
        {
            if (2 * sent >= output.size()) // now and then, so that it does not grow for ever
            {
                output.erase(0, sent);
                sent = 0;
            }
            return wait_below();
        }
        if (ec)
            failure = ec;
        sent = 0;
        if (output.capacity() > kept_output)
            wire::spare_memory::give(std::exchange(output, {}));
        output.clear();
    }

    void wait_below()
    {
        if (std::exchange(waiting_below, true))
            return;
        below->async_wait_writable(completion<core, &core::on_writable>{shared_from_this()});
    }

    void on_writable(error_code)
    {
        // The error is met by the write that follows. An aborted wait was cancelled together with a read.
        waiting_below = false;
        if (!closed)
            flush();
        if (!output.empty() && !closed)
            return;
        auto const self = shared_from_this(); // a handler may drop the layer
        if (on_write_some)
            take_out(on_write_some)(write_result(), failure ? 0 : written);
        if (on_flush && !waiting_below)
            std::exchange(on_flush, {})(error_code{});
    }

    void wait(wait_handler handler)
    {
        bool const changes = !closed && !failure && (!output.empty() || !below->flushed());
        if (!changes)
            return post(below->get_executor(), std::move(handler), write_result());
        on_flush = std::move(handler);
        wait_below();
    }

    void close()
    {
        if (std::exchange(closed, true))
            return;
        auto const executor = below->get_executor();
        error_code const aborted = asio::error::operation_aborted;
        if (on_write_some)
            post(executor, take_out(on_write_some), aborted, std::size_t{0});
        if (on_flush)
            post(executor, std::exchange(on_flush, {}), aborted);
        below->close();
    }

    /// An operation below was destroyed: the loop is gone, and nothing of ours completes any more.
    void abandon() noexcept override
    {
        auto const self = shared_from_this();
        on_read_some.reset();
        on_write_some.reset();
        on_flush = nullptr;
    }

    error_code write_result() const { return closed ? asio::error::operation_aborted : failure; }

    std::unique_ptr<stream> below;
    std::string received; ///< before the layer was made
    std::unique_ptr<wire::websocket_input> input;
    std::span<char> room;    ///< of the read that is pending
    bool past_input = false; ///< it goes into its room at once
    std::size_t readable = unlimited;
    std::string output;
    std::size_t sent = 0; ///< bytes of `output` that have left
    std::optional<io_handler> on_read_some;
    std::optional<io_handler> on_write_some;
    std::size_t written = 0; ///< bytes, to be told to it
    wait_handler on_flush;
    error_code failure; ///< of the first write that failed
    bool waiting_below = false;
    bool closed = false;
};

stream_layer::stream_layer(std::unique_ptr<stream> below, std::string received)
    : core_{std::make_shared<core>(std::move(below), std::move(received))}
{
}

stream_layer::~stream_layer()
{
    if (core_)
        core_->close();
}

stream& stream_layer::below() const noexcept { return *core_->below; }

void stream_layer::unread(std::string_view bytes) { core_->received.insert(0, bytes); }

void stream_layer::limit_reading(std::size_t bytes) { core_->readable = bytes; }

void stream_layer::read(std::span<char> room, io_handler handler) { core_->read(room, std::move(handler)); }

void stream_layer::write(std::size_t n, io_handler handler) { core_->write(n, std::move(handler)); }

void stream_layer::take(std::string_view bytes)
{
    if (!core_->failure && !core_->closed)
        core_->output.append(bytes);
}

wire::websocket_input& stream_layer::buffer_input()
{
    if (!core_->input)
        core_->input = std::make_unique<wire::websocket_input>(std::exchange(core_->received, {}));
    return *core_->input;
}

void stream_layer::expect(std::size_t bytes)
{
    if (bytes >= wire::spare_memory::smallest)
        wire::spare_memory::reserve(core_->output, core_->output.size() + bytes);
}

std::size_t stream_layer::read_buffered(std::span<char> room, error_code& ec)
{
    auto const n = core_->input ? core_->input->take(room) : 0;
    ec = n == 0 ? error_code{asio::error::would_block} : error_code{};
    return n;
}

void stream_layer::flush() { core_->flush(); }

std::size_t stream_layer::queued() const noexcept { return core_->output.size() - core_->sent; }

std::size_t stream_layer::unread() const noexcept { return queued() + core_->below->unread(); }

bool stream_layer::flushed() const noexcept
{
    return queued() == 0 && !core_->failure && core_->below->flushed();
}

error_code stream_layer::error() const noexcept { return core_->failure; }

void stream_layer::async_wait(wait_handler handler) { core_->wait(std::move(handler)); }

void stream_layer::cancel_read() { core_->below->cancel_read(); }

void stream_layer::close() { core_->close(); }

} // namespace oizys::detail
