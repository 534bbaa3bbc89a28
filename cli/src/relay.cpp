// SPDX-License-Identifier: BSL-1.0
#include "relay.hpp"

#include <utility>

namespace oizys::cli
{

relay::relay(std::shared_ptr<session> client, handlers h)
    : client_{std::move(client)}, handlers_{std::move(h)}
{
}

void relay::start(endpoint const& server)
{
    client_->set_onclose([self = shared_from_this()](boost::system::error_code why) {
        self->ended(direction::to_server, why);
    });
    connect_extras extras;
    extras.log = log_to_stderr(log_level::warning);
    oizys::async_connect(
        client_->get_executor(), server, connect_options{}, extras,
        [self = shared_from_this()](boost::system::error_code ec, std::shared_ptr<session> s) {
            self->connected(ec, std::move(s));
        });
}

void relay::close()
{
    client_->close();
    if (server_)
        server_->close();
}

session* relay::end_of(direction way) const noexcept
{
    return way == direction::to_server ? server_.get() : client_.get();
}

void relay::connected(boost::system::error_code ec, std::shared_ptr<session> server)
{
    if (ec)
    {
        why_ = "cannot connect to the server: " + ec.message();
        client_->close();
        return;
    }
    server_ = std::move(server);
    if (open_ == 0) // closed meanwhile, and told so
    {
        server_->close();
        return;
    }
    ++open_;
    server_->set_onclose([self = shared_from_this()](boost::system::error_code why) {
        self->ended(direction::to_client, why);
    });
    watch(direction::to_server);
    watch(direction::to_client);
}

/// Reads from the end where messages that go this way come from.
void relay::watch(direction way)
{
    auto const weak = weak_from_this();
    auto* const from = way == direction::to_server ? client_.get() : server_.get();
    from->set_onreceive([weak, way](incoming& arrived) {
        if (auto const self = weak.lock())
            self->forward(way, arrived);
    });
    end_of(way)->set_ondrain([weak, way] {
        auto const self = weak.lock();
        if (!self)
            return;
        auto* const waiting = way == direction::to_server ? self->client_.get() : self->server_.get();
        waiting->resume_reading();
    });
}

void relay::forward(direction way, incoming& arrived)
{
    handlers_.on_message(way, arrived.view());
    auto* const to = end_of(way);
    auto descriptors = arrived.take_descriptors();
    boost::system::error_code ec;
    if (descriptors.empty())
        to->send_owned(arrived.take(), ec);
    else
        to->send(arrived.view(), std::move(descriptors), ec);
    if (ec)
    {
        why_ = "a message could not be passed on: " + ec.message();
        close();
        return;
    }
    if (to->queued_bytes() > enough)
        (way == direction::to_server ? client_ : server_)->pause_reading();
}

void relay::ended(direction from, boost::system::error_code why)
{
    if (why_.empty())
        why_ = std::string{from == direction::to_server ? "the client: " : "the server: "} +
               (why ? why.message() : "closed here");
    --open_;
    close(); // the other one, which sends what it was given first
    if (open_ == 0)
        handlers_.on_end(why_);
}

} // namespace oizys::cli
