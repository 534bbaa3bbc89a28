// SPDX-License-Identifier: BSL-1.0
//
// Proves the send queue against a model that could not be simpler: one string of all bytes and a list of
// where each message ends. Random operations, each result compared.
#include "wire/message_header.hpp"
#include "wire/send_queue.hpp"

#include <oizys/wire/header24.hpp>

#include <catch2/catch.hpp>

#include <deque>
#include <random>
#include <string>

namespace
{

using oizys::framing;
using oizys::wire::send_queue;

struct model
{
    framing kind;
    std::string bytes;
    std::deque<std::size_t> ends; ///< from the front of `bytes`

    std::string encoded(std::string const& message) const
    {
        if (kind == framing::json_text || kind == framing::newline)
            return message + "\n";
        if (kind == framing::msgpack_object)
            return message;
        if (kind == framing::content_length)
            return "Content-Length: " + std::to_string(message.size()) + "\r\n\r\n" + message;
        if (kind == framing::message)
        {
            auto const size = oizys::wire::encode_message_header(message.size());
            return std::string{size.begin(), size.end()} + message;
        }
        auto const header =
            oizys::wire::encode_header24({.type = 0, .size = static_cast<std::uint32_t>(message.size())});
        return std::string{header.begin(), header.end()} + message;
    }

    void push(std::string const& message)
    {
        bytes += encoded(message);
        ends.push_back(bytes.size());
    }

    void consume(std::size_t n)
    {
        bytes.erase(0, n);
        for (auto& end : ends)
            end -= std::min(end, n);
        while (!ends.empty() && ends.front() == 0)
            ends.pop_front();
    }
};

class run
{
public:
    run(framing kind, unsigned seed)
        : random_{seed}, queue_{kind}, model_{.kind = kind, .bytes = {}, .ends = {}}
    {
    }

    void step()
    {
        switch (random_() % 10)
        {
        case 0:
        case 1:
        case 2: push(); break;
        case 3: push_owned(); break;
        case 4: in_place(); break;
        case 5: past_the_queue(); break;
        default: write(); break;
        }
        REQUIRE(queue_.bytes() == model_.bytes.size());
        REQUIRE(queue_.empty() == model_.bytes.empty());
        REQUIRE(queue_.messages() == model_.ends.size());
    }

    void drain()
    {
        while (!queue_.empty())
            write();
        REQUIRE(model_.bytes.empty());
        REQUIRE(queue_.messages() == 0);
    }

private:
    std::string message()
    {
        constexpr std::size_t largest[] = {4, 40, 400, 4000, 17000, 40000, 140000};
        auto const size = 1 + random_() % largest[random_() % (random_() % 8 == 0 ? 7 : 4)];
        std::string text(size, '\0');
        auto c = static_cast<char>(random_());
        for (auto& at : text)
            at = c = static_cast<char>(c * 5 + 3);
        return text;
    }

    void push()
    {
        auto const text = message();
        queue_.push(text);
        model_.push(text);
    }

    void push_owned()
    {
        auto text = message();
        model_.push(text);
        queue_.push_owned(std::move(text));
    }

    void in_place()
    {
        auto const text = message();
        queue_.open() += text;
        REQUIRE(queue_.open_size() == text.size());
        if (random_() % 3 == 0)
            return queue_.cancel();
        queue_.commit();
        model_.push(text);
    }

    void past_the_queue()
    {
        if (!queue_.empty())
            return;
        auto const text = message();
        model_.push(text);
        auto const written =
            random_() % 4 == 0 ? random_() % 5 % model_.bytes.size() : random_() % model_.bytes.size();
        queue_.push_rest(text, written);
        if (written != 0)
            model_.consume(written);
    }

    // Writes some of what is gathered into room for a few pieces, as a socket would.
    void write()
    {
        std::vector<std::string_view> room(1 + random_() % 16);
        room.resize(queue_.gather(room));
        std::string gathered;
        for (auto const piece : room)
        {
            REQUIRE(!piece.empty());
            gathered += piece;
        }
        REQUIRE(gathered.empty() == model_.bytes.empty());
        REQUIRE((std::string_view{model_.bytes}.substr(0, gathered.size()) == gathered));
        if (gathered.empty())
            return;
        auto const n = random_() % 3 == 0 ? gathered.size() : 1 + random_() % gathered.size();
        queue_.consume(n);
        model_.consume(n);
    }

    std::mt19937 random_;
    send_queue queue_;
    model model_;
};

} // namespace

TEST_CASE("random operations leave the queue as they leave its model")
{
    for (auto const kind : {framing::header24, framing::json_text, framing::newline, framing::content_length,
                            framing::msgpack_object, framing::message})
        for (unsigned seed = 0; seed < 60; ++seed)
        {
            INFO("framing " << static_cast<int>(kind) << " seed " << seed);
            run r{kind, seed};
            for (int i = 0; i < 300; ++i)
                r.step();
            r.drain();
        }
}
