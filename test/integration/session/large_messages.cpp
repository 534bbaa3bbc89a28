// SPDX-License-Identifier: BSL-1.0
//
// Proves that large messages, one after the other, go into memory that is there already, whatever they travel in: the
// system clears a page of new memory at its first use, and tells how often it did.
#include "transports.hpp"

#include "wire/spare_memory.hpp"

#include <sys/resource.h>

#include <thread>

namespace
{

using namespace oizys::test;
using oizys::framing;
using oizys::session_options;

constexpr std::size_t message_size = 1 << 20;
constexpr std::size_t page_size = 4096;

session_options negotiating(bool compress)
{
    session_options o;
    o.negotiation.enabled = true;
    o.negotiation.ping_interval = {};
    o.negotiation.compress = compress;
    o.negotiation.shared_from = 0;
    return o;
}

/// Pages that were new to this thread.
long faults()
{
    rusage usage{};
    REQUIRE(::getrusage(RUSAGE_THREAD, &usage) == 0);
    return usage.ru_minflt;
}

/// What an echo of a large message takes once some have been there, with an answer that is sent from where the
/// message lies or, where `moved`, given away.
long faults_of_an_echo(stream_pair (*connect)(pair_plan const&), session_options const& options, bool moved)
{
    asio::io_context io;
    auto const pair =
        open_pair(io, connect({io.get_executor(), io.get_executor(), options, options}), options, options);
    std::size_t answered = 0;
    auto const send = [moved](oizys::session& session, oizys::incoming& message) {
        error_code ec;
        if (moved)
            session.send_owned(message.take(), ec);
        else
            session.send(message.view(), ec);
        REQUIRE(!ec);
    };
    pair.b->set_onreceive([&](oizys::incoming& message) { send(*pair.b, message); });
    pair.a->set_onreceive([&](oizys::incoming& message) {
        REQUIRE(message.view().size() == message_size);
        ++answered;
        send(*pair.a, message);
    });
    error_code ec;
    pair.a->send_owned(std::string(message_size, 'x'), ec);
    REQUIRE(run_until(io, [&] { return answered == 10; }));
    auto const before = faults();
    constexpr std::size_t count = 20;
    REQUIRE(run_until(io, [&] { return answered == 10 + count; }));
    return (faults() - before) / static_cast<long>(count);
}

} // namespace

TEST_CASE("large messages go into memory that earlier ones have left")
{
    struct
    {
        char const* name;
        stream_pair (*connect)(pair_plan const&);
        session_options options;
    } const cases[] = {
        {"plain", unix_sockets, {}},
        {"in parts", unix_sockets, negotiating(false)},
        {"compressed", tcp_sockets, negotiating(true)},
        {"WebSocket", ws,
         [] {
             session_options o;
             o.framing = framing::message;
             return o;
         }()},
    };
    for (auto const& [name, connect, options] : cases)
        for (bool const moved : {false, true})
        {
            INFO(name << (moved ? ", moved" : ""));
            long taken = -1;
            std::size_t kept = 0;
            std::thread{[&, connect = connect, &options = options] {
                taken = faults_of_an_echo(connect, options, moved);
                kept = oizys::wire::spare_memory::kept();
            }}.join();
            CHECK(taken >= 0);
#if !defined(__SANITIZE_ADDRESS__) &&                                                                        \
    !defined(__SANITIZE_THREAD__) // whose allocators touch pages of their own
            CHECK(taken < static_cast<long>(message_size / page_size /
                                            4)); // else once for each page, or several times
#endif
            CHECK(kept >= message_size / 2);
            CHECK(kept <= oizys::wire::spare_memory::most_bytes);
        }
}
