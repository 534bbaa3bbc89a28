// SPDX-License-Identifier: BSL-1.0
#include "talker.hpp"

#include "gift.hpp"
#include "kinds.hpp"

#include <oizys/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace asio = boost::asio;

namespace oizys::soak
{
namespace
{

using boost::system::error_code;

} // namespace

std::string encode(session_plan const& plan)
{
    return {static_cast<char>('a' + plan.kind), static_cast<char>('a' + static_cast<int>(plan.ending)),
            plan.killable ? 'y' : 'n'};
}

talker::talker(std::shared_ptr<session> s, ledger& book, random_source random, settings how, on_end ended)
    : session_{std::move(s)}
    , book_{book}
    , random_{random}
    , how_{how}
    , ended_{std::move(ended)}
    , talk_timer_{session_->get_executor()}
    , pause_timer_{session_->get_executor()}
    , life_timer_{session_->get_executor()}
    , watchdog_{session_->get_executor()}
    , stream_{random_.next()}
{
}

bool talker::is_farewell() const noexcept
{
    return plan_.ending == ending::client_farewell || plan_.ending == ending::server_farewell;
}

bool talker::leads() const noexcept
{
    switch (plan_.ending)
    {
    case ending::client_farewell:
    case ending::client_rough: return client_;
    case ending::server_farewell:
    case ending::server_rough: return !client_;
    case ending::never: break;
    }
    return false;
}

// Who was killed says nothing any more.
bool talker::excused() const noexcept { return !client_ && plan_.killable; }

std::string talker::where() const
{
    return std::string{client_ || known_ ? kinds()[plan_.kind].name : "unknown"} +
           (client_ ? ", client" : ", server") + ", ending " +
           std::to_string(static_cast<int>(plan_.ending)) + (leading_ ? ", leading" : "") +
           (quiet_ ? ", quiet" : "") + (closing_ ? ", closing" : "") + (plan_.killable ? ", killable" : "");
}

void talker::start_client(session_plan const& plan)
{
    client_ = true;
    plan_ = plan;
    as_ = kinds()[plan.kind].as;
    ++book_.of(plan_.kind).sessions;
    start();
    send(message_type::hello, encode(plan_));
    begin_talking();
}

void talker::start_server() { start(); }

void talker::start()
{
    session_->set_onclose([weak = weak_from_this()](error_code why) {
        if (auto const self = weak.lock())
            self->on_close(why);
    });
    session_->set_onreceive([weak = weak_from_this()](incoming& message) {
        if (auto const self = weak.lock(); self && !self->over_)
            self->on_message(message);
    });
    watchdog_.expires_after(how_.watchdog);
    watchdog_.async_wait([weak = weak_from_this()](error_code cancelled) {
        auto const self = weak.lock();
        if (!self || cancelled)
            return;
        self->fail("does not end; " + self->check_.describe() + ", queued " +
                   std::to_string(self->session_ ? self->session_->queued_bytes() : 0));
    });
}

// --- what arrives

void talker::on_message(incoming& message)
{
    std::string wrong;
    auto const size = message.view().size();
    auto const parsed = check_.on_message(message.view(), wrong);
    if (!wrong.empty())
    {
        // A stranger that has never said hello sends what it likes.
        if (client_ || known_)
            return fail(wrong);
        return session_->abort();
    }
    if (parsed)
    {
        if (parsed->label.type == message_type::gift)
            check_gifts(message, *parsed);
        on_parsed(*parsed);
    }
    if (over_ || !(client_ || known_))
        return;
    auto& t = book_.of(plan_.kind);
    ++t.messages;
    t.bytes += size;
    lead_if_complete();
    maybe_pause();
}

void talker::on_parsed(parsed_message const& message)
{
    switch (message.label.type)
    {
    case message_type::hello:
        if (!client_)
            on_hello(message.content);
        break;
    case message_type::hush:
        talking_ = false;
        send_totals();
        break;
    case message_type::data:
    case message_type::gift:
    case message_type::totals: break;
    }
}

void talker::on_hello(std::string_view content)
{
    if (content.size() != 3)
        return session_->abort();
    plan_.kind = static_cast<std::size_t>(content[0] - 'a');
    plan_.ending = static_cast<ending>(content[1] - 'a');
    plan_.killable = content[2] == 'y';
    known_ = true;
    as_ = check_.as();
    ++book_.of(plan_.kind).sessions;
    send(message_type::hello, "hi");
    begin_talking();
}

void talker::check_gifts(incoming& message, parsed_message const& parsed)
{
    auto const gifts = message.take_descriptors();
    auto const count = static_cast<std::size_t>(parsed.content.front() - 'a');
    if (gifts.size() != count)
        return fail(std::to_string(gifts.size()) + " descriptors came instead of " + std::to_string(count));
    for (std::size_t i = 0; i < count; ++i)
    {
        if (!is_gift(gifts[i], gift_text(parsed.label.stream, parsed.label.number, i)))
            return fail("a descriptor is another one");
    }
    book_.of(plan_.kind).descriptors += count;
}

// Who is asked to be quiet waits for the end, and must hear all of what comes before it.
void talker::maybe_pause()
{
    if (quiet_ || leading_ || !session_ || !random_.chance(2))
        return;
    session_->pause_reading();
    pause_timer_.expires_after(random_.up_to(how_.pause));
    pause_timer_.async_wait([weak = weak_from_this()](error_code) {
        if (auto const self = weak.lock(); self && self->session_)
            self->session_->resume_reading();
    });
}

// --- the end

void talker::hurry()
{
    if (over_)
        return;
    if (plan_.ending == ending::never)
        session_->abort();
    else if (leads() && !leading_)
        life_timer_.cancel();
}

void talker::lead()
{
    if (over_ || leading_ || !session_->is_open())
        return;
    leading_ = true;
    if (!is_farewell())
        return end_roughly();
    session_->resume_reading();
    send(message_type::hush, "sh");
    lead_if_complete();
}

void talker::lead_if_complete()
{
    if (!leading_ || quiet_ || over_ || !is_farewell() || !check_.complete())
        return;
    for (auto n = random_.size(how_.max_burst); n != 0 && session_->is_open(); --n)
        send_random();
    if (over_)
        return;
    talking_ = false;
    send_totals();
    ++book_.of(plan_.kind).farewells;
    closing_ = true;
    if (random_.chance(50))
        return session_->close();
    session_.reset();
    finish();
}

void talker::end_roughly()
{
    ++book_.of(plan_.kind).rough_ends;
    closing_ = true;
    switch (random_.below(3))
    {
    case 0: return session_->close();
    case 1: return session_->abort();
    default: session_.reset(); finish();
    }
}

void talker::on_close(error_code why)
{
    if (over_)
        return;
    if (!client_ && !known_)
        ++book_.strangers;
    else if (!closing_ && is_farewell() && !leads() && check_.complete())
        ++book_.of(plan_.kind).farewells;
    else if (!closing_ && !is_farewell())
        ++book_.of(plan_.kind).rough_ends;
    else if (excused())
        ++book_.of(plan_.kind).rough_ends;
    else if (!closing_ || (is_farewell() && why.failed()))
        fail("ended with " + why.message() + "; " + check_.describe());
    finish();
}

void talker::fail(std::string const& what)
{
    if (over_)
        return;
    book_.fail(where(), what);
    if (session_)
        session_->abort();
    finish();
}

void talker::finish()
{
    if (std::exchange(over_, true))
        return;
    talking_ = false;
    watchdog_.cancel();
    // Posted: the owner destroys this.
    asio::post(watchdog_.get_executor(), [self = shared_from_this()] { self->ended_(*self); });
}

} // namespace oizys::soak
