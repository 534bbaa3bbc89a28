// SPDX-License-Identifier: BSL-1.0
#include "shm_end.hpp"

#include <oizys/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <sched.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace asio = boost::asio;

namespace oizys::detail
{

using boost::system::error_code;

namespace
{

constexpr int reads_per_turn = 16;  ///< before the loop has a turn
constexpr int looks_per_turn = 128; ///< at an empty ring, before the loop has a turn: some 2 us

void relax() noexcept
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

} // namespace

/// What is waited for wakes this up. It keeps the end alive; when it is destroyed instead, the loop is gone.
class shm_end::wake_up
{
public:
    using function = void (shm_end::*)(error_code);

    wake_up(std::shared_ptr<shm_end> owner, function next) noexcept : owner_{std::move(owner)}, next_{next} {}
    wake_up(wake_up&&) noexcept = default;
    wake_up& operator=(wake_up&&) = delete;
    ~wake_up()
    {
        if (owner_)
            owner_->abandon();
    }

    void operator()(error_code ec = {})
    {
        auto const owner = std::move(owner_);
        ((*owner).*next_)(ec);
    }

private:
    std::shared_ptr<shm_end> owner_;
    function next_;
};

shm_end::shm_end(socket s, shm_options const& options, shm_role role)
    : socket_{std::move(s)}, bell_{socket_.get_executor()}, options_{options}, role_{role}
{
}

// --- the handshake

void shm_end::async_handshake(wait_handler handler)
{
    on_handshake_ = std::move(handler);
    start_handshake();
    if (error_)
        post_wait(on_handshake_, error_);
}

void shm_end::start_handshake()
{
    if (error_ || std::exchange(started_, true))
        return;
    if (role_ == shm_role::connector)
        send_hello(error_);
    if (!error_)
        wait_for_socket();
}

void shm_end::send_hello(error_code& ec)
{
    auto offer = make_shm_offer(shared_area::allowed_capacity(options_.capacity), ec);
    if (ec)
        return;
    send_shm_hello(socket_.native_handle(), offer, ec);
    offered_ = std::move(offer);
}

void shm_end::on_hello(error_code& ec)
{
    auto parts = hello_.receive(socket_.native_handle(), ec);
    if (parts && parts->capacity > shared_area::allowed_capacity(options_.capacity))
        ec = errc::bad_shared_memory; // who connects must not decide how much memory this end spends
    else if (parts)
        establish(std::move(*parts), ec);
    if (!ec && ::send(socket_.native_handle(), &shm_accepted, 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
        ec.assign(errno, boost::system::system_category());
}

void shm_end::on_answer(error_code& ec)
{
    char answer = 0;
    auto const n = ::recv(socket_.native_handle(), &answer, 1, MSG_DONTWAIT);
    if (n < 0)
        ec.assign(errno, boost::system::system_category());
    else if (n == 0)
        ec = asio::error::eof;
    else if (answer != shm_accepted)
        ec = errc::bad_shared_memory;
    else
        establish(std::move(offered_->own), ec);
}

void shm_end::establish(shm_parts parts, error_code& ec)
{
    auto area = shared_area::map(parts.memory.get(), parts.capacity, ec);
    if (!ec)
        bell_.open(std::move(parts.ear), ec);
    if (!ec)
        rings_.emplace(std::move(*area), std::move(parts.rope), role_);
    offered_.reset();
}

// --- reading and writing

void shm_end::async_read(std::span<char> room, read_handler handler)
{
    room_ = room;
    on_read_.emplace(std::move(handler));
    if (in_handler_)
        return; // complete_read goes on when the handler has returned
    start_handshake();
    error_code ec;
    auto const n = read_now(ec);
    if (n != 0 || ec)
        post_read(ec, n);
}

// Reads, or else sees to it that go_on is called when there is something to read.
std::size_t shm_end::read_now(error_code& ec)
{
    if (!rings_)
    {
        ec = error_;
        return 0;
    }
    auto n = rings_->read(room_, ec);
    if (n == 0 && !ec && error_)
        ec = error_; // of the socket: it is met when all that was sent before was read
    if (n == 0 && !ec)
        n = spins() ? read_spinning(ec) : read_or_sleep(ec);
    active_ = active_ || n != 0;
    return n;
}

std::size_t shm_end::read_or_sleep(error_code& ec)
{
    if (!rings_->sleep_until_readable())
        return rings_->read(room_, ec);
    wait_for_bell();
    return 0;
}

std::size_t shm_end::read_spinning(error_code& ec)
{
    for (int i = 0; i < looks_per_turn; ++i)
    {
        if (rings_->readable())
            return rings_->read(room_, ec);
        relax();
    }
    ::sched_yield(); // the other end may be waiting for this very processor
    turn_later();
    return 0;
}

// Only right after something was received: who has nothing to say costs nothing.
bool shm_end::spins() noexcept
{
    if (options_.spin.count() <= 0)
        return false;
    auto const now = std::chrono::steady_clock::now();
    if (std::exchange(active_, false))
        spin_until_ = now + options_.spin;
    return now < spin_until_;
}

std::size_t shm_end::try_write(std::span<std::string_view const> pieces, error_code& ec)
{
    ec.clear();
    std::size_t n = 0;
    if (error_)
        ec = error_ == asio::error::eof ? error_code{asio::error::broken_pipe} : error_;
    else if (rings_)
        n = rings_->write(pieces, ec);
    if (n == 0 && !ec)
        ec = asio::error::would_block;
    return n;
}

void shm_end::async_wait_writable(wait_handler handler)
{
    on_writable_ = std::move(handler);
    start_handshake();
    if (error_ || (rings_ && !rings_->sleep_until_writable()))
        return post_wait(on_writable_, {}); // an error is met by the write that follows
    if (rings_)
        wait_for_bell();
}

// --- what is waited for

void shm_end::wait_for_socket()
{
    if (!std::exchange(waits_for_socket_, true))
        socket_.async_wait(socket::wait_read, wake_up{shared_from_this(), &shm_end::on_socket});
}

void shm_end::on_socket(error_code ec)
{
    waits_for_socket_ = false;
    if (closed_)
        return;
    if (!ec && rings_)
        look_for_life(ec);
    else if (!ec)
        role_ == shm_role::connector ? on_answer(ec) : on_hello(ec);
    if (ec == asio::error::broken_pipe || ec == asio::error::connection_reset)
        ec = asio::error::eof; // it closed before it had read the answer, which matters to nobody
    if (ec && ec != asio::error::would_block)
        error_ = ec;
    else
        wait_for_socket();
    if (error_ || rings_)
        go_on();
}

// Nothing is ever sent there any more.
void shm_end::look_for_life(error_code& ec)
{
    char byte = 0;
    auto const n = ::recv(socket_.native_handle(), &byte, 1, MSG_DONTWAIT);
    if (n < 0)
        ec.assign(errno, boost::system::system_category());
    else if (n == 0)
        ec = asio::error::eof;
    else
        ec = errc::bad_shared_memory;
}

void shm_end::wait_for_bell()
{
    wait_for_socket();
    if (!std::exchange(waits_for_bell_, true))
        bell_.async_wait(wake_up{shared_from_this(), &shm_end::on_bell});
}

void shm_end::on_bell(error_code ec)
{
    waits_for_bell_ = false;
    if (closed_)
        return;

    if (ec)
        error_ = ec;
    go_on();
}

void shm_end::turn_later()
{
    if (!std::exchange(turn_posted_, true))
        asio::post(socket_.get_executor(), wake_up{shared_from_this(), &shm_end::on_turn});
}

void shm_end::on_turn(error_code)
{
    turn_posted_ = false;
    if (!closed_)
        go_on();
}

// Completes what can be completed now. A handler may close this end or start the next operation.
void shm_end::go_on()
{
    complete_handshake();
    int reads = 0;
    while (complete_read())
    {
        if (++reads == reads_per_turn)
        {
            turn_later();
            break;
        }
    }
    complete_wait();
}

void shm_end::complete_handshake()
{
    if (on_handshake_)
        std::exchange(on_handshake_, {})(error_);
}

// True: it did, and the next read is pending already.
bool shm_end::complete_read()
{
    if (!on_read_)
        return false;
    error_code ec;
    auto const n = read_now(ec);
    if (n == 0 && !ec)
        return false;
    auto handler = std::move(*on_read_);
    on_read_.reset();
    in_handler_ = true;
    handler(ec, n);
    in_handler_ = false;
    return on_read_.has_value();
}

void shm_end::complete_wait()
{
    if (!on_writable_)
        return;
    if (!error_ && rings_->sleep_until_writable())
        return wait_for_bell();
    std::exchange(on_writable_, {})({});
}

void shm_end::post_read(error_code ec, std::size_t n)
{
    auto handler = std::move(*on_read_);
    on_read_.reset();
    asio::post(socket_.get_executor(), [handler = std::move(handler), ec, n]() mutable { handler(ec, n); });
}

void shm_end::post_wait(wait_handler& handler, error_code ec)
{
    asio::post(socket_.get_executor(), [handler = std::exchange(handler, {}), ec]() mutable { handler(ec); });
}

// --- the end

credentials shm_end::get_credentials() noexcept
{
    return socket_.is_open() ? peer_credentials(socket_.native_handle()) : credentials{};
}

void shm_end::cancel()
{
    if (on_read_)
        post_read(asio::error::operation_aborted, 0);
    if (on_writable_)
        post_wait(on_writable_, asio::error::operation_aborted);
    if (on_handshake_)
        post_wait(on_handshake_, asio::error::operation_aborted);
}

void shm_end::close()
{
    if (std::exchange(closed_, true))
        return;
    cancel();
    error_ = asio::error::bad_descriptor;
    error_code ec; // ignored: the descriptor is gone in any case
    socket_.close(ec);
    bell_.close();
    rings_.reset();
    offered_.reset();
    hello_ = {};
}

void shm_end::abandon() noexcept
{
    auto const on_read = std::move(on_read_);
    on_read_.reset();
    auto const on_writable = std::exchange(on_writable_, {});
    auto const on_handshake = std::exchange(on_handshake_, {});
}

} // namespace oizys::detail
