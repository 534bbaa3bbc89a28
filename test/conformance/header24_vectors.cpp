// SPDX-License-Identifier: BSL-1.0
//
// Proves header24 with vectors that were written from the protocol of liboizys 1.x and not from this code:
// what is valid is delivered, what is not is refused, and what is sent has exactly the bytes of the vectors.
#include "support/shared_file.hpp"
#include "wire/send_queue.hpp"

#include <oizys/error.hpp>
#include <oizys/wire/framer.hpp>
#include <oizys/wire/header24.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace
{

namespace json = boost::json;
using oizys::framing;
using oizys::wire::frame_step;

std::optional<json::value> vectors()
{
    auto const text = shared_file("vectors/framing/header24.json");
    if (!text)
        return std::nullopt;
    return json::parse(*text);
}

std::string from_hex(json::value const& hex)
{
    std::string const digits{hex.as_string()};
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2)
        bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    return bytes;
}

struct delivered
{
    std::vector<std::string> messages;
    std::size_t rest;
    boost::system::error_code error;
};

delivered receive(std::string_view wire)
{
    oizys::wire::framer framer{framing::header24, oizys::wire::header24_max_payload};
    delivered result{};
    for (;;)
    {
        auto const step = framer.next(wire);
        if (step.what == frame_step::status::frame)
        {
            result.messages.emplace_back(step.payload);
            wire.remove_prefix(step.size);
            continue;
        }
        result.rest = wire.size();
        result.error = step.error;
        return result;
    }
}

} // namespace

TEST_CASE("valid header24 vectors are delivered, and sent with the same bytes")
{
    auto const all = vectors();
    if (!all)
        return;
    auto const& valid = all->at("valid").as_array();
    CHECK(valid.size() >= 4);
    for (auto const& vector : valid)
    {
        INFO(json::serialize(vector));
        auto const wire = from_hex(vector.at("wire"));
        std::vector<std::string> messages;
        oizys::wire::send_queue queue{framing::header24};
        for (auto const& message : vector.at("messages").as_array())
        {
            messages.push_back(from_hex(message));
            queue.push(messages.back());
        }
        auto const result = receive(wire);
        CHECK(result.messages == messages);
        CHECK(result.rest == 0);
        CHECK(!result.error);

        std::array<std::string_view, 1> room;
        REQUIRE(queue.gather(room) == 1);
        CHECK(room[0] == wire);
    }
}

TEST_CASE("invalid header24 vectors are refused as bad messages")
{
    auto const all = vectors();
    if (!all)
        return;
    auto const& invalid = all->at("invalid").as_array();
    CHECK(invalid.size() >= 4);
    for (auto const& vector : invalid)
    {
        INFO(json::serialize(vector));
        auto const result = receive(from_hex(vector.at("wire")));
        CHECK(result.error == oizys::errc::bad_frame);
        CHECK(result.error == boost::system::errc::bad_message);
        bool const first_is_good = std::string{vector.at("why").as_string()}.starts_with("second frame");
        CHECK(result.messages ==
              (first_is_good ? std::vector<std::string>{"Hi"} : std::vector<std::string>{}));
    }
}

TEST_CASE("the limits of header24 are those of the vectors")
{
    auto const all = vectors();
    if (!all)
        return;
    CHECK(all->at("limits").at("min_payload").to_number<std::size_t>() == 1);
    CHECK(all->at("limits").at("max_payload").to_number<std::size_t>() == oizys::wire::header24_max_payload);
}
