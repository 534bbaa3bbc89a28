// SPDX-License-Identifier: BSL-1.0
#include <oizys/rpc/server.hpp>

#include "core/idle_exit.hpp"
#include "core/registry.hpp"
#include "peer_impl.hpp"

#include <oizys/error.hpp>
#include <oizys/timeout.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <list>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace oizys::rpc
{
namespace detail
{

// Whoever sets another option of the peers need not say again that a server detects the protocol.
std::shared_ptr<peer_options const> detecting(peer_options options)
{
    options.protocol = protocol::detect;
    return std::make_shared<peer_options const>(options);
}

/// Kept alive by the pending accepts, which end when their listener is closed.
class server_impl final : public std::enable_shared_from_this<server_impl>
{
public:
    server_impl(boost::asio::any_io_executor executor, service served, server_options const& options)
        : executor_{std::move(executor)}
        , service_{std::move(served)}
        , listener_options_{options.listener}
        , peer_options_{detecting(options.peer)}
        , idle_{clamp_timeout(options.idle_exit)}
    {
    }

    endpoint listen(endpoint const& where)
    {
        if (closed_)
            throw std::logic_error{"oizys: this server is closed"};
        auto& added = listeners_.emplace_back(executor_, where, listener_options_);
        idle_.on_listening(idle_exit::clock::now());
        if (!idle_.is_stopping()) // else it will, when all accepts have ended
            accept(added);
        watch_idle();
        return added.socket.local_endpoint();
    }

    void set_onpeer(unique_function<void(peer)> handler)
    {
        onpeer_ = handler ? std::make_shared<unique_function<void(peer)>>(std::move(handler)) : nullptr;
    }

    void set_onclose(unique_function<void()> handler)
    {
        onclose_ = std::move(handler);
        tell_if_over();
    }

    std::vector<peer> peers() const
    {
        std::vector<peer> all;
        all.reserve(peers_.size());
        for (auto const& [impl, p] : peers_)
            all.push_back(p);
        return all;
    }

    listener_counters counters() const noexcept
    {
        listener_counters sum;
        for (auto const& l : listeners_)
        {
            auto const one = l.socket.counters();
            sum.accepted += one.accepted;
            sum.refused_by_policy += one.refused_by_policy;
            sum.refused_by_limit += one.refused_by_limit;
            sum.accept_errors += one.accept_errors;
            sum.sessions += one.sessions;
            sum.failed_handshakes += one.failed_handshakes;
        }
        return sum;
    }

    void close()
    {
        stop();
        for (auto& p : peers())
            p.close();
        tell_if_over();
    }

    void abandon()
    {
        stop();
        onpeer_.reset();
        onclose_ = {};
        auto const dropped = std::exchange(peers_, {});
    }

private:
    struct listening
    {
        listening(boost::asio::any_io_executor const& executor, endpoint const& where,
                  listener_options const& how)
            : socket{executor, where, how}
        {
        }

        listener socket;
        boost::asio::cancellation_signal stop_accepting;
    };

    void stop()
    {
        closed_ = true;
        idle_timer_.reset();
        for (auto& at : listeners_)
            at.socket.close();
    }

    void accept(listening& at)
    {
        ++accepting_;
        at.socket.async_accept(boost::asio::bind_cancellation_slot(
            at.stop_accepting.slot(),
            [self = shared_from_this(), &at](boost::system::error_code ec, std::shared_ptr<session> s) {
                --self->accepting_;
                self->on_accept(at, ec, std::move(s));
                self->tell_if_over();
            }));
    }

    void on_accept(listening& at, boost::system::error_code ec, std::shared_ptr<session> s)
    {
        if (closed_)
            return;
        if (!ec)
            adopt(std::move(s));
        else if (!idle_.is_stopping())
            return at.socket.close(); // for good: what may pass, the listener itself waits for
        if (closed_)
            return;
        if (!idle_.is_stopping())
            accept_if_open(at);
        else if (accepting_ == 0)
            on_stopped();
    }

    void accept_if_open(listening& at)
    {
        if (at.socket.is_open())
            accept(at);
    }

    void watch_idle()
    {
        auto const deadline = idle_.deadline();
        if (closed_ || !deadline || idle_timer_)
            return;
        idle_timer_ = std::make_unique<boost::asio::steady_timer>(executor_, *deadline);
        idle_timer_->async_wait([weak = weak_from_this()](boost::system::error_code cancelled) {
            if (auto const self = weak.lock(); self && !cancelled)
                self->on_idle_deadline();
        });
    }

    void on_idle_deadline()
    {
        idle_timer_.reset();
        if (closed_)
            return;
        if (!idle_.on_deadline(idle_exit::clock::now()))
            return watch_idle();
        for (auto& at : listeners_)
            at.stop_accepting.emit(boost::asio::cancellation_type::terminal);
        if (accepting_ == 0)
            on_stopped();
    }

    void on_stopped()
    {
        if (idle_.on_stopped(idle_exit::clock::now()))
            return close();
        for (auto& at : listeners_)
            accept_if_open(at);
        watch_idle();
    }

    bool is_over() const
    {
        auto const is_open = [](listening const& at) { return at.socket.is_open(); };
        return (closed_ || !listeners_.empty()) && accepting_ == 0 && peers_.empty() &&
               std::ranges::none_of(listeners_, is_open);
    }

    void tell_if_over()
    {
        if (!onclose_ || !is_over())
            return;
        idle_timer_.reset(); // there may be one although nothing listens any more
        boost::asio::post(executor_, [weak = weak_from_this()] {
            auto const self = weak.lock();
            if (!self || !self->onclose_)
                return;
            auto handler = std::exchange(self->onclose_, {});
            try
            {
                handler();
            }
            catch (...) // the server has ended: nobody is left to report this to
            {
            }
        });
    }

    void adopt(std::shared_ptr<session> s)
    {
        auto const impl = std::make_shared<peer_impl>(std::move(s), service_.registry(), peer_options_);
        impl->set_onended([weak = weak_from_this(), key = impl.get()] {
            if (auto const self = weak.lock())
                self->on_ended(key);
        });
        impl->start();
        peers_.emplace(impl.get(), impl->handle());
        idle_.on_connected();
        auto const onpeer = onpeer_; // the handler may set another one, or end this server
        if (!onpeer)
            return;
        try
        {
            (*onpeer)(impl->handle());
        }
        catch (...)
        {
            impl->fail(oizys::errc::handler_failed); // what was thrown has no place in an error code
        }
    }

    void on_ended(peer_impl const* key)
    {
        peers_.erase(key);
        idle_.on_disconnected(idle_exit::clock::now());
        watch_idle();
        tell_if_over();
    }

    boost::asio::any_io_executor executor_;
    service service_;
    listener_options listener_options_;
    std::shared_ptr<peer_options const> peer_options_;
    std::list<listening> listeners_; ///< pending accepts refer to them
    std::size_t accepting_ = 0;      ///< accepts that are pending
    std::unordered_map<peer_impl const*, peer> peers_;
    std::shared_ptr<unique_function<void(peer)>> onpeer_;
    unique_function<void()> onclose_;
    idle_exit idle_;
    std::unique_ptr<boost::asio::steady_timer> idle_timer_; ///< while it waits
    bool closed_ = false;
};

} // namespace detail

server::server(boost::asio::any_io_executor executor, service served, server_options options)
    : impl_{std::make_shared<detail::server_impl>(std::move(executor), std::move(served), options)}
{
}

server::server(server&&) noexcept = default;

server& server::operator=(server&& other) noexcept
{
    if (this != &other)
    {
        if (impl_)
            impl_->abandon();
        impl_ = std::move(other.impl_);
    }
    return *this;
}

server::~server()
{
    if (impl_)
        impl_->abandon();
}

endpoint server::listen(endpoint const& where) { return impl_->listen(where); }
void server::set_onpeer(unique_function<void(peer)> handler) { impl_->set_onpeer(std::move(handler)); }
listener_counters server::counters() const noexcept { return impl_->counters(); }
void server::set_onclose(unique_function<void()> handler) { impl_->set_onclose(std::move(handler)); }
std::vector<peer> server::peers() const { return impl_->peers(); }
void server::close() { impl_->close(); }

} // namespace oizys::rpc
