// SPDX-License-Identifier: BSL-1.0
//
// Proves that another process that writes anything anywhere into the shared memory, while messages are under
// way, can end its session and nothing else. Real processes; run under the address sanitizer.
#include "shm_test.hpp"

#include "doorbell.hpp"
#include "shm_handover.hpp"
#include "shm_rings.hpp"

#include <fcntl.h>
#include <sched.h>

namespace
{

using namespace oizys::test;
using namespace oizys::detail;
using oizys::errc;

/// The connecting end without a session, in a process of its own: no test framework, no loop.
class scribbler
{
public:
    scribbler(int socket, unsigned seed) : socket_{socket}, random_{seed}
    {
        error_code ec;
        offer_ = make_shm_offer(4096, ec);
        send_shm_hello(socket_, offer_, ec);
        char answer = 0;
        if (ec || ::recv(socket_, &answer, 1, 0) != 1)
            ::_exit(1);
        area_.emplace(*shared_area::map(offer_.own.memory.get(), 4096, ec));
        out_ = area_->from_connector();
        in_ = area_->from_acceptor();
        rings_.emplace(*shared_area::map(offer_.own.memory.get(), 4096, ec), oizys::unique_fd{::dup(bell())},
                       shm_role::connector);
    }

    int bell() const { return offer_.own.rope.get(); }
    int ear() const { return offer_.own.ear.get(); }
    shm_offer const& offer() const { return offer_; }

    void send(std::string_view text)
    {
        error_code ec;
        auto const wire = framed(text);
        std::string_view const piece{wire};
        rings_->write({&piece, 1}, ec); // what the ring does not take is cut off
    }

    void receive()
    {
        error_code ec;
        char room[1000];
        rings_->read(room, ec);
    }

    void scribble_bytes()
    {
        auto const& ring = random_() % 2 == 0 ? out_ : in_;
        for (auto n = random_() % 20; n-- != 0;)
            const_cast<char volatile&>(ring.bytes[random_() % ring.bytes.size()]) =
                static_cast<char>(random_());
    }

    void scribble_index()
    {
        auto& control = random_() % 2 == 0 ? *out_.control : *in_.control;
        auto& index = random_() % 2 == 0 ? control.produced : control.consumed;
        std::uint64_t const values[] = {0, random_(), index + random_() % 5000, index - random_() % 5000,
                                        ~0ull - random_() % 5000};
        index = values[random_() % std::size(values)];
    }

    void scribble_flags()
    {
        auto& control = random_() % 2 == 0 ? *out_.control : *in_.control;
        control.consumer_sleeps = static_cast<std::uint32_t>(random_());
        control.producer_sleeps = static_cast<std::uint32_t>(random_());
    }

    void run(int steps, unsigned index_every)
    {
        std::string const text(300, 'x');
        for (int i = 0; i < steps; ++i)
        {
            send(std::string_view{text}.substr(0, 1 + random_() % 299));
            receive();
            if (random_() % 8 == 0)
                scribble_bytes();
            if (random_() % 4 == 0)
                scribble_flags();
            if (random_() % index_every == 0)
                scribble_index();
            ring_doorbell(bell());
            if (random_() % 4 == 0)
                ::sched_yield();
        }
    }

private:
    int socket_;
    std::mt19937 random_;
    shm_offer offer_;
    std::optional<shared_area> area_;
    oizys::wire::ring_view out_{};
    oizys::wire::ring_view in_{};
    std::optional<shm_rings> rings_;
};

} // namespace

TEST_CASE("a peer that scribbles over the shared memory ends its session and nothing else")
{
    int ended_by_ring = 0;
    for (unsigned seed = 0; seed < 60; ++seed)
    {
        child peer{[&](int socket) { scribbler{socket, seed}.run(3000, seed % 2 == 0 ? 50 : 2000); }};
        asio::io_context io;
        auto const options =
            seed % 3 == 0 ? shm_options{.spin = std::chrono::microseconds{20}} : shm_options{};
        auto const s = shm_server(peer.socket(io), options);
        witness w;
        w.watch_close(*s);
        s->set_onreceive([&](oizys::incoming& message) {
            error_code ec;
            s->send(message.view(), ec);
        });
        REQUIRE(run_until(io, [&] { return w.closed(); }));
        CHECK(w.closes.size() == 1);
        CHECK(w.closes.front().failed());
        ended_by_ring += w.closed_with(errc::bad_shared_memory) ? 1 : 0;
    }
    CHECK(ended_by_ring > 0); // so that this has tried what it is about
}

TEST_CASE("a peer that rings without a reason costs turns of the loop and nothing else")
{
    child peer{[](int socket) {
        scribbler s{socket, 1};
        for (int i = 0; i < 20000; ++i)
            ring_doorbell(s.bell());
        s.send("done");
        ring_doorbell(s.bell());
        ::pause();
    }};
    asio::io_context io;
    auto const s = shm_server(peer.socket(io));
    witness w;
    w.watch(*s);
    REQUIRE(run_until(io, [&] { return !w.messages.empty(); }));
    CHECK(w.messages == texts{"done"});
}

TEST_CASE(
    "a peer that fills and empties the doorbells, shuts them down and makes them block does not block us")
{
    child peer{[](int socket) {
        scribbler s{socket, 1};
        int const bells[] = {s.bell(), s.ear(), s.offer().other_ear.get(), s.offer().other_rope.get()};
        char room[1000] = {};
        for (int i = 0; i < 200; ++i)
        {
            s.send("ping");
            for (int const fd : bells)
            {
                ::fcntl(fd, F_SETFL, 0);
                while (::send(fd, room, sizeof room, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {}
                if (i % 3 == 0)
                    ::recv(fd, room, sizeof room, MSG_DONTWAIT);
                if (i % 50 == 49)
                    ::shutdown(fd, i % 100 == 49 ? SHUT_RD : SHUT_RDWR);
            }
            s.receive();
            ring_doorbell(s.bell());
            ::sched_yield();
        }
    }};
    asio::io_context io;
    auto const s = shm_server(peer.socket(io));
    witness w;
    w.watch_close(*s);
    s->set_onreceive([&](oizys::incoming& message) {
        error_code ec;
        s->send(message.view(), ec);
    });
    REQUIRE(run_until(io, [&] { return w.closed(); }));
    CHECK(w.closed_with(asio::error::eof));
}
