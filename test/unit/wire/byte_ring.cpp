// SPDX-License-Identifier: BSL-1.0
//
// Proves the ring between two ends that keep to the rules: every byte arrives once and in order, wherever it
// lies, however it is cut; and who sleeps is woken.
#include "ring_memory.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <thread>

namespace
{

using boost::system::error_code;
using oizys::test::ring_memory;
using oizys::wire::ring_consumer;
using oizys::wire::ring_producer;

struct ring
{
    explicit ring(std::size_t capacity = 16) : memory{capacity} {}

    ring_memory memory;
    ring_producer out{memory.view()};
    ring_consumer in{memory.view()};
    error_code ec;

    std::size_t put(std::string_view bytes)
    {
        auto const n = out.put(bytes, ec);
        REQUIRE(!ec);
        return n;
    }

    std::string take(std::size_t most = 100)
    {
        std::string room(most, '-');
        room.resize(in.take(room, ec));
        REQUIRE(!ec);
        return room;
    }
};

} // namespace

TEST_CASE("what was put is taken when it was published, and not before")
{
    ring r;
    CHECK(r.put("hello") == 5);
    CHECK(r.take().empty());
    CHECK(!r.in.readable());
    CHECK(!r.out.publish());
    CHECK(r.in.readable());
    CHECK(r.take() == "hello");
    CHECK(r.take().empty());
}

TEST_CASE("a full ring takes no more until something was taken")
{
    ring r;
    CHECK(r.put("0123456789abcdefgh") == 16);
    CHECK(r.put("x") == 0);
    CHECK(!r.out.publish());
    CHECK(r.take(3) == "012");
    CHECK(r.put("ghij") == 3);
    CHECK(!r.out.publish());
    CHECK(r.take() == "3456789abcdefghi");
}

TEST_CASE("bytes cross the end of the ring at every position, in every cut")
{
    std::string const text = "0123456789";
    for (std::size_t begin = 0; begin < 16; ++begin)
        for (std::size_t put = 0; put <= text.size(); ++put)
            for (std::size_t take = 1; take <= text.size(); ++take)
            {
                ring r;
                r.put(std::string(begin, 'x'));
                CHECK(!r.out.publish());
                r.take();
                CHECK(r.put(text.substr(0, put)) == put);
                CHECK(r.put(text.substr(put)) == text.size() - put);
                CHECK(!r.out.publish());
                std::string taken;
                while (taken.size() < text.size())
                    taken += r.take(take);
                CHECK(taken == text);
                CHECK(r.memory.margins_untouched());
            }
}

TEST_CASE("a consumer that sleeps is to be woken once, by what is published next")
{
    ring r;
    CHECK(r.in.sleep());
    r.put("x");
    CHECK(r.out.publish());
    r.put("y");
    CHECK(!r.out.publish());
    CHECK(r.take() == "xy");
}

TEST_CASE("what is only shown can be taken, and wakes nobody before it is published")
{
    ring r;
    CHECK(r.in.sleep());
    r.put("x");
    r.out.show();
    CHECK(r.in.readable());
    r.put("y");
    CHECK(r.out.publish());
    CHECK(r.take() == "xy");
}

TEST_CASE("a consumer does not sleep when there is something to take, and is not woken then")
{
    ring r;
    r.put("x");
    CHECK(!r.out.publish());
    CHECK(!r.in.sleep());
    r.put("y");
    CHECK(!r.out.publish());
}

TEST_CASE("a producer that sleeps is to be woken once, when half of the ring is free")
{
    ring r;
    r.put("0123456789abcdef");
    CHECK(!r.out.publish());
    CHECK(r.out.sleep());
    CHECK(r.take(7).size() == 7);
    CHECK(!r.in.must_wake());
    CHECK(r.take(1).size() == 1);
    CHECK(r.in.must_wake());
    CHECK(r.take(1).size() == 1);
    CHECK(!r.in.must_wake());
}

TEST_CASE("a producer does not sleep when half of the ring is free, and is not woken then")
{
    ring r;
    r.put("0123456789abcdef");
    CHECK(!r.out.publish());
    r.take(8);
    CHECK(!r.out.sleep());
    r.take();
    CHECK(!r.in.must_wake());
}

// Two threads that really sleep: a lost wake-up ends in the time limit of the test.
TEST_CASE("two threads exchange every byte and lose no wake-up", "[concurrent]")
{
    class bell
    {
    public:
        void ring()
        {
            rings_.fetch_add(1);
            rings_.notify_one();
        }
        void wait()
        {
            rings_.wait(heard_);
            heard_ = rings_.load();
        }

    private:
        std::atomic<unsigned> rings_{0};
        unsigned heard_ = 0;
    };

    constexpr std::size_t total = 300000;
    auto const byte_at = [](std::size_t i) { return static_cast<char>(i * 7 + i / 251); };
    ring_memory memory{64};
    bell to_producer;
    bell to_consumer;
    bool producer_failed = false;

    std::thread producer{[&] {
        ring_producer out{memory.view()};
        error_code ec;
        std::string chunk;
        for (std::size_t sent = 0; sent < total;)
        {
            chunk.clear();
            for (std::size_t i = 0; i < 1 + sent % 90 && sent + i < total; ++i)
                chunk += byte_at(sent + i);
            auto const n = out.put(chunk, ec);
            producer_failed = producer_failed || ec.failed();
            sent += n;
            if (n != 0 && out.publish())
                to_consumer.ring();
            if (n == 0 && out.sleep())
                to_producer.wait();
        }
    }};

    ring_consumer in{memory.view()};
    error_code ec;
    std::size_t wrong = 0;
    for (std::size_t received = 0; received < total && !ec;)
    {
        char room[50];
        auto const n = in.take({room, 1 + received % 50}, ec);
        for (std::size_t i = 0; i < n; ++i)
            wrong += room[i] != byte_at(received + i) ? 1u : 0u;
        received += n;
        if (n != 0 && in.must_wake())
            to_producer.ring();
        if (n == 0 && in.sleep())
            to_consumer.wait();
    }
    producer.join();
    CHECK(!ec);
    CHECK(!producer_failed);
    CHECK(wrong == 0);
    CHECK(memory.margins_untouched());
}
