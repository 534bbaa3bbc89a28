// SPDX-License-Identifier: BSL-1.0
//
// What a talker sends.
#include "talker.hpp"

#include "gift.hpp"

#include <utility>
#include <vector>

namespace oizys::soak
{
namespace
{

using boost::system::error_code;

// A part is at least so long: a longer message may be overtaken.
constexpr std::size_t shortest_part = 4096;

} // namespace

void talker::begin_talking()
{
    talking_ = true;
    pump_later();
    if (!leads())
        return;
    life_timer_.expires_after(random_.up_to(how_.life));
    life_timer_.async_wait([weak = weak_from_this()](error_code) {
        if (auto const self = weak.lock())
            self->lead();
    });
}

void talker::pump()
{
    if (!talking_ || over_ || !session_ || !session_->is_open())
        return;
    auto const budget = random_.size(2u << 20);
    for (auto n = random_.size(how_.max_burst); n != 0 && talking_ && session_->queued_bytes() < budget; --n)
        send_random();
    if (!session_)
        return;
    session_->async_drain([weak = weak_from_this()](error_code) {
        if (auto const self = weak.lock())
            self->pump_later();
    });
}

void talker::pump_later()
{
    talk_timer_.expires_after(random_.chance(50) ? std::chrono::microseconds{0} : random_.up_to(how_.pause));
    talk_timer_.async_wait([weak = weak_from_this()](error_code cancelled) {
        if (auto const self = weak.lock(); self && !cancelled)
            self->pump();
    });
}

void talker::send_random()
{
    auto const size = random_.size(random_.chance(70) ? 16384 : how_.max_message);
    if (session_->passes_descriptors() && random_.chance(10))
        return send_gift();
    if (size < tiny && can_be_tiny(as_))
    {
        error_code ec;
        session_->send(make_tiny(as_, size, stream_, sent_.small), ec);
        sent_.small += sent(ec);
        return;
    }
    send(message_type::data, make_content(as_, size, random_));
}

void talker::send_gift()
{
    auto const count = 1 + random_.below(3);
    bool const is_large = random_.chance(20);
    message_label const label{.type = message_type::gift,
                              .lane = is_large ? lane::large : lane::small,
                              .stream = stream_,
                              .number = is_large ? sent_.large : sent_.small};
    std::vector<unique_fd> gifts;
    for (std::size_t i = 0; i < count; ++i)
        gifts.push_back(make_gift(gift_text(stream_, label.number, i)));
    auto content = make_content(as_, is_large ? random_.size(how_.max_message) : 100, random_);
    content.front() = static_cast<char>('a' + count);
    error_code ec;
    session_->send(make_message(as_, label, content), std::move(gifts), ec);
    (is_large ? sent_.large : sent_.small) += sent(ec);
}

bool talker::send(message_type type, std::string_view content)
{
    bool const is_large = session_->negotiated() && content.size() + 2 * tiny > shortest_part;
    auto& number = is_large ? sent_.large : sent_.small;
    auto message = make_message(
        as_,
        {.type = type, .lane = is_large ? lane::large : lane::small, .stream = stream_, .number = number},
        content);
    error_code ec;
    if (random_.chance(50))
        session_->send_owned(std::move(message), ec);
    else
        session_->send(std::string_view{message}, ec);
    bool const done = sent(ec);
    number += done;
    return done;
}

// The other end may be gone; everything else is wrong.
bool talker::sent(error_code ec)
{
    if (!ec)
        return true;
    talking_ = false;
    if (session_->is_open())
        fail("send: " + ec.message());
    return false;
}

void talker::send_totals()
{
    auto totals = sent_;
    ++totals.small; // this one
    quiet_ = send(message_type::totals, encode(totals));
    pause_timer_.cancel(); // which resumes
}

} // namespace oizys::soak
