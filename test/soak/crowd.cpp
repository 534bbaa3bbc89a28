// SPDX-License-Identifier: BSL-1.0
#include "crowd.hpp"

#include "stranger.hpp"

#include <oizys/error.hpp>

#include <boost/asio/post.hpp>

#include <sys/wait.h>

#include <string>
#include <string_view>
#include <utility>

namespace asio = boost::asio;

namespace oizys::soak
{
namespace
{

using boost::system::error_code;
using namespace std::chrono_literals;

connect_options random_options(random_source& random)
{
    connect_options options;
    options.timeout = 30s;
    options.session.close_timeout = 30s;
    auto& n = options.session.negotiation;
    n.part_size = random.one_of<std::size_t>({4096, 16384, 262144});
    n.shared_from = random.one_of<std::size_t>({0, 65536, 262144});
    n.compress = random.one_of<std::optional<bool>>({std::nullopt, true, false});
    n.ping_interval = random.one_of<std::chrono::milliseconds>({100ms, 30000ms});
    n.ping_timeout = 30s;
    return options;
}

} // namespace

crowd::crowd(asio::io_context& io, surroundings const& where, ledger& book, random_source random,
             crowd_options options)
    : io_{io}, where_{where}, book_{book}, random_{random}, options_{std::move(options)}, stop_timer_{io}
{
}

crowd::~crowd() = default;

void crowd::start()
{
    stopping_ = false;
    done_ = {};
    while (busy_ < options_.slots)
    {
        ++busy_;
        fill_slot();
    }
}

void crowd::stop(std::function<void()> done)
{
    stopping_ = true;
    done_ = std::move(done);
    for (auto const& [key, t] : talkers_)
        t->hurry();
    for (auto const& [key, s] : strangers_)
        s->leave();
    tell_if_done();
}

void crowd::fill_slot()
{
    if (stopping_)
        return slot_is_free();
    if (random_.chance(options_.strangers))
        send_stranger();
    else
        connect(options_.kinds[random_.below(options_.kinds.size())]);
}

void crowd::fill_slot_later()
{
    auto timer = std::make_shared<asio::steady_timer>(io_, random_.up_to(20ms));
    timer->async_wait([this, timer](error_code) { fill_slot(); });
}

void crowd::slot_is_free()
{
    --busy_;
    tell_if_done();
}

void crowd::tell_if_done()
{
    if (stopping_ && busy_ == 0 && children_ == 0 && done_)
        asio::post(io_, std::exchange(done_, {}));
}

session_plan crowd::make_plan(std::size_t kind)
{
    auto const choice = random_.below(100);
    auto how = choice < 35   ? ending::client_farewell
               : choice < 60 ? ending::server_farewell
               : choice < 80 ? ending::client_rough
                             : ending::server_rough;
    if (options_.killable && random_.chance(30))
        how = ending::never;
    return {.kind = kind, .ending = how, .killable = options_.killable};
}

void crowd::connect(std::size_t kind)
{
    connect_extras extras;
    if (kinds()[kind].listener < 0)
    {
        ++children_;
        extras.exec.grace = 20s;
        extras.exec.on_exit = [this, kind](int status) {
            --children_;
            if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
                book_.fail(kinds()[kind].name, "the child ended with status " + std::to_string(status));
            tell_if_done();
        };
    }
    async_connect(
        io_.get_executor(), connect_text(kinds()[kind], where_), random_options(random_), std::move(extras),
        [this, kind](error_code ec, std::shared_ptr<session> s) { on_connected(kind, ec, std::move(s)); });
}

void crowd::on_connected(std::size_t kind, error_code ec, std::shared_ptr<session> s)
{
    if (ec)
    {
        book_.fail(kinds()[kind].name, "cannot connect: " + ec.message());
        return fill_slot_later();
    }
    auto const t = std::make_shared<talker>(std::move(s), book_, random_source{random_.next()},
                                            talker::settings{}, [this](talker& ended) {
                                                talkers_.erase(&ended);
                                                fill_slot_later();
                                            });
    talkers_.emplace(t.get(), t);
    t->start_client(make_plan(kind));
    if (stopping_)
        t->hurry();
}

void crowd::send_stranger()
{
    auto const s =
        std::make_shared<stranger>(io_, where_, random_source{random_.next()}, [this](stranger& left) {
            strangers_.erase(&left);
            fill_slot_later();
        });
    strangers_.emplace(s.get(), s);
    s->start();
}

} // namespace oizys::soak
