// SPDX-License-Identifier: BSL-1.0
//
// Proves that messages of every size arrive whole, once and in order, over sockets and over pipes that
// move little at a time, however they were given to the session.
#include "transports.hpp"

#include <functional>

namespace
{

using namespace oizys::test;

// Sends messages of random sizes in all ways that there are; what must arrive is returned.
class random_sender
{
public:
    random_sender(unsigned seed, std::size_t largest) : random_{seed}, largest_{largest} {}

    std::string send(oizys::session& s)
    {
        auto const ranges = {std::size_t{1}, std::size_t{100}, std::size_t{5000}, std::size_t{20000},
                             largest_};
        auto const range = *(ranges.begin() + random_() % (random_() % 4 == 0 ? 5 : 2));
        auto text = random_text(random_, 1 + random_() % std::min(range, largest_));
        error_code ec;
        switch (random_() % 4)
        {
        case 0: s.send(text); break;
        case 1: s.send(std::string_view{text}, ec); break;
        case 2: s.send_owned(text, ec); break;
        default:
            if (random_() % 3 == 0)
            {
                s.begin_message() += "taken back";
                s.cancel_message();
            }
            s.begin_message() += text;
            s.end_message(ec);
        }
        REQUIRE(!ec);
        return text;
    }

private:
    std::mt19937 random_;
    std::size_t largest_;
};

// Sends `count` random messages from each end, some per turn, and compares.
void exchange_randomly(asio::io_context& io, session_pair pair, unsigned seed, std::size_t largest,
                       std::size_t count)
{
    random_sender sender{seed, largest};
    texts to_a;
    texts to_b;
    witness a;
    witness b;
    a.watch(*pair.a);
    b.watch(*pair.b);
    std::mt19937 random{seed};
    while (to_a.size() + to_b.size() < 2 * count)
    {
        for (auto n = random() % 6; n-- > 0;)
        {
            if (random() % 2 == 0)
                to_b.push_back(sender.send(*pair.a));
            else
                to_a.push_back(sender.send(*pair.b));
        }
        io.restart();
        io.poll_one();
    }
    REQUIRE(
        run_until(io, [&] { return a.messages.size() == to_a.size() && b.messages.size() == to_b.size(); }));
    CHECK((a.messages == to_a));
    CHECK((b.messages == to_b));
    settle(io);
    CHECK(pair.a->queued_messages() == 0);
    CHECK(pair.a->queued_bytes() == 0);
    CHECK(!a.closed());
    CHECK(!b.closed());
}

} // namespace

TEMPLATE_LIST_TEST_CASE("messages arrive in order in both directions", "", every_transport_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    witness a;
    witness b;
    a.watch(*pair.a);
    b.watch(*pair.b);
    pair.a->send("Hi");
    pair.a->send("!");
    pair.b->send("Hello");
    REQUIRE(run_until(io, [&] { return b.messages.size() == 2 && a.messages.size() == 1; }));
    CHECK(b.messages == texts{"Hi", "!"});
    CHECK(a.messages == texts{"Hello"});
}

TEMPLATE_LIST_TEST_CASE("an echo of an echo comes back a hundred times", "", every_transport_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    int echoes = 0;
    pair.b->set_onmessage([&](std::string const& message) { pair.b->send(message); });
    pair.a->set_onmessage([&](std::string const& message) {
        if (++echoes < 100)
            pair.a->send(message + "!");
    });
    pair.a->send("?");
    CHECK(run_until(io, [&] { return echoes == 100; }));
}

TEMPLATE_LIST_TEST_CASE("send returns how many messages are queued", "", every_transport)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    error_code ec;
    CHECK(pair.a->send("one") == 1);
    CHECK(pair.a->send(std::string_view{"two"}, ec) == 2);
    CHECK(pair.a->send_owned(std::string(50000, '3'), ec) == 3);
    CHECK(pair.a->queued_messages() == 3);
    auto const size_of = [](std::size_t n) { return TestType::framed_size(n); };
    CHECK(pair.a->queued_bytes() == 2 * size_of(3) + size_of(50000));
    witness b;
    b.listen(*pair.b);
    REQUIRE(run_until(io, [&] { return b.messages.size() == 3; }));
    settle(io);
    CHECK(pair.a->queued_messages() == 0);
    CHECK(pair.a->queued_bytes() == 0);
    CHECK(pair.a->send("four") == 1);
}

TEMPLATE_LIST_TEST_CASE("send counts a large message too, however much of it leaves at once", "",
                        every_transport_of_text)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    CHECK(pair.a->send(std::string(65537, 'x')) == 1);
}

TEMPLATE_LIST_TEST_CASE("messages of random sizes up to 1 MiB arrive as they were sent", "", wide_transports)
{
    asio::io_context io;
    for (unsigned seed = 0; seed < 4; ++seed)
        exchange_randomly(io, TestType::make(io), seed, 1u << 20, 60);
}

TEST_CASE("messages of random sizes arrive through pipes of any width")
{
    asio::io_context io;
    struct example
    {
        std::size_t capacity;
        std::size_t max_transfer;
        std::size_t largest;
    };
    for (auto const& [capacity, max_transfer, largest] :
         {example{1, 1, 100}, example{2, 7, 400}, example{5, 1, 400}, example{64, 3, 3000},
          example{64, 64, 20000}, example{1000, 999, 100000}, example{4096, 511, 100000},
          example{100000, 30000, 300000}})
        for (unsigned seed = 0; seed < 4; ++seed)
        {
            INFO("capacity " << capacity << " max_transfer " << max_transfer << " seed " << seed);
            auto pair =
                oizys::memory_pair(io.get_executor(), {.capacity = capacity, .max_transfer = max_transfer});
            exchange_randomly(io, {std::move(pair.first), std::move(pair.second)}, seed, largest, 40);
        }
}

TEST_CASE("all framings carry messages in both directions")
{
    for (auto const kind :
         {oizys::framing::header24, oizys::framing::json_text, oizys::framing::newline,
          oizys::framing::content_length, oizys::framing::msgpack_object, oizys::framing::message})
    {
        oizys::session_options const options{.framing = kind};
        for (std::size_t const width : {1u, 3u, 1000u})
        {
            asio::io_context io;
            auto const pair = oizys::memory_pair(
                io.get_executor(),
                {.first = options, .second = options, .capacity = 2 * width, .max_transfer = width});
            // Texts that are a message in each framing: a JSON array, and the same within a msgpack string.
            texts sent;
            for (std::size_t const size : {2u, 100u, 300u, 70000u})
                sent.push_back(kind == oizys::framing::msgpack_object
                                   ? std::string("\xdb\0", 2) + static_cast<char>(size >> 16) +
                                         static_cast<char>(size >> 8) + static_cast<char>(size) +
                                         std::string(size, '[')
                                   : "[" + std::string(size, ' ') + "]");
            witness first;
            witness second;
            first.watch(*pair.first);
            second.watch(*pair.second);
            for (auto const& text : sent)
            {
                pair.first->send(text);
                pair.second->send(text);
            }
            REQUIRE(run_until(io, [&] { return first.messages.size() == 4 && second.messages.size() == 4; }));
            CHECK((first.messages == sent));
            CHECK((second.messages == sent));
        }
    }
}

TEMPLATE_LIST_TEST_CASE("the longest message of header24 arrives", "", wide_transports)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    std::mt19937 random{1};
    auto const text = random_text(random, 16777215);
    witness b;
    b.listen(*pair.b);
    pair.a->send(text);
    pair.a->send("behind it");
    REQUIRE(run_until(io, [&] { return b.messages.size() == 2; }));
    if (pair.a->negotiated()) // it does not fit into one part, and short ones may overtake it
        std::ranges::sort(b.messages, std::ranges::greater{}, &std::string::size);
    CHECK((b.messages[0] == text));
    CHECK((b.messages[1] == "behind it"));
}

TEMPLATE_LIST_TEST_CASE(
    "a large message is taken without a copy, a small one leaves the session's buffer intact", "",
    wide_transports)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    texts taken;
    bool moved = false;
    pair.b->set_onreceive([&](oizys::incoming& message) {
        auto const* const lies_at = message.view().data();
        taken.push_back(message.take());
        CHECK(message.view().empty());
        if (taken.back().size() > 100000)
            moved = taken.back().data() == lies_at;
    });
    std::mt19937 random{1};
    texts const sent{"small", random_text(random, 200000), "small again"};
    for (auto const& text : sent)
        pair.a->send(text);
    REQUIRE(run_until(io, [&] { return taken.size() == 3; }));
    CHECK((taken == sent));
    CHECK(moved);
}

TEMPLATE_LIST_TEST_CASE("sixty-four bytes behind a message may be read", "", wide_transports)
{
    asio::io_context io;
    auto const pair = TestType::make(io);
    std::size_t count = 0;
    pair.b->set_onreceive([&](oizys::incoming& message) {
        char const volatile* const behind = message.view().data() + message.view().size();
        char sum = 0;
        for (int i = 0; i < 64; ++i)
            sum = static_cast<char>(sum + behind[i]);
        static_cast<void>(sum); // under the address sanitizer, reading was the proof
        ++count;
    });
    std::size_t sent = 0;
    for (std::size_t const around : {1u, 188u, 444u, 956u, 65468u, 65532u, 100000u}) // where buffers end
        for (auto size = around; size < around + 6; ++size, ++sent)
            pair.a->send(std::string(size, 'x'));
    CHECK(run_until(
        io, [&] { return count == sent; }, std::chrono::seconds{50}));
}
