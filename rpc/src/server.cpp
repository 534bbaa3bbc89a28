// SPDX-License-Identifier: BSL-1.0
#include <oizys/rpc/server.hpp>

#include "core/registry.hpp"
#include "peer_impl.hpp"

#include <oizys/error.hpp>

#include <boost/asio/error.hpp>

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
    {
    }

    endpoint listen(endpoint const& where)
    {
        if (closed_)
            throw std::logic_error{"oizys: this server is closed"};
        auto const& opened = listeners_.emplace_back(executor_, where, listener_options_).local_endpoint();
        accept(listeners_.back());
        return opened;
    }

    void set_onpeer(unique_function<void(peer)> handler)
    {
        onpeer_ = handler ? std::make_shared<unique_function<void(peer)>>(std::move(handler)) : nullptr;
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
            auto const one = l.counters();
            sum.accepted += one.accepted;
            sum.refused_by_policy += one.refused_by_policy;
            sum.refused_by_limit += one.refused_by_limit;
            sum.accept_errors += one.accept_errors;
            sum.sessions += one.sessions;
        }
        return sum;
    }

    void close()
    {
        stop();
        for (auto& p : peers())
            p.close();
    }

    void abandon()
    {
        stop();
        onpeer_.reset();
        auto const dropped = std::exchange(peers_, {});
    }

private:
    void stop()
    {
        closed_ = true;
        for (auto& l : listeners_)
            l.close();
    }

    void accept(listener& from)
    {
        from.async_accept(
            [self = shared_from_this(), &from](boost::system::error_code ec, std::shared_ptr<session> s) {
                if (self->closed_)
                    return;
                if (ec)
                    return from.close(); // for good: what may pass, the listener itself waits for
                self->adopt(std::move(s));
                if (from.is_open())
                    self->accept(from);
            });
    }

    void adopt(std::shared_ptr<session> s)
    {
        auto const impl = std::make_shared<peer_impl>(std::move(s), service_.registry(), peer_options_);
        impl->set_onended([weak = weak_from_this(), key = impl.get()] {
            if (auto const self = weak.lock())
                self->peers_.erase(key);
        });
        impl->start();
        peers_.emplace(impl.get(), impl->handle());
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

    boost::asio::any_io_executor executor_;
    service service_;
    listener_options listener_options_;
    std::shared_ptr<peer_options const> peer_options_;
    std::list<listener> listeners_; ///< pending accepts refer to them
    std::unordered_map<peer_impl const*, peer> peers_;
    std::shared_ptr<unique_function<void(peer)>> onpeer_;
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
std::vector<peer> server::peers() const { return impl_->peers(); }
void server::close() { impl_->close(); }

} // namespace oizys::rpc
