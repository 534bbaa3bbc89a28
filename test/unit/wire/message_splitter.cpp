// SPDX-License-Identifier: BSL-1.0
//
// Proves that messages with their length in front are found at every split, and that limits hold.
#include "wire/message_splitter.hpp"
#include "wire/message_header.hpp"

#include <oizys/error.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace
{

using oizys::errc;
using oizys::wire::message_splitter;

std::string framed(std::string const& message)
{
    auto const header = oizys::wire::encode_message_header(message.size());
    return std::string{header.data(), header.size()} + message;
}

struct reading
{
    std::vector<std::string> messages;
    boost::system::error_code error;

    void feed(message_splitter& splitter, std::string_view bytes)
    {
        while (!bytes.empty() && !error)
        {
            auto const step = splitter.next(bytes);
            if (step.found)
                messages.emplace_back(step.message);
            error = step.error;
        }
    }
};

} // namespace

TEST_CASE("messages with their length in front may arrive in any three pieces")
{
    auto const bytes = framed("one") + framed("x") + framed("three and more");
    for (std::size_t first = 0; first <= bytes.size(); ++first)
        for (std::size_t second = first; second <= bytes.size(); ++second)
        {
            message_splitter splitter{14};
            reading r;
            std::string_view const whole{bytes};
            r.feed(splitter, whole.substr(0, first));
            r.feed(splitter, whole.substr(first, second - first));
            r.feed(splitter, whole.substr(second));
            REQUIRE(!r.error);
            REQUIRE(r.messages == std::vector<std::string>{"one", "x", "three and more"});
            REQUIRE(splitter.between_messages());
        }
}

TEST_CASE("a message that lies whole in the input is not copied")
{
    auto const bytes = framed("one");
    message_splitter splitter{3};
    std::string_view input{bytes};
    auto const step = splitter.next(input);
    REQUIRE(step.found);
    CHECK(static_cast<void const*>(step.message.data()) == bytes.data() + 8);
    CHECK(input.empty());
}

TEST_CASE("a splitter is between messages only when all of one has come")
{
    message_splitter splitter{10};
    std::string_view input{"\0", 1};
    CHECK(splitter.between_messages());
    CHECK(!splitter.next(input).found);
    CHECK(!splitter.between_messages());
}

TEST_CASE("lengths of nothing, and beyond the limit, are refused before anything is kept")
{
    for (auto const& [size, error] : {std::pair{std::uint64_t{0}, errc::message_empty},
                                      std::pair{std::uint64_t{11}, errc::message_too_large},
                                      std::pair{~std::uint64_t{0}, errc::message_too_large}})
    {
        auto const header = oizys::wire::encode_message_header(size);
        message_splitter splitter{10};
        reading r;
        r.feed(splitter, {header.data(), header.size()});
        CHECK(r.error == error);
    }
}

TEST_CASE("a long message is followed by others")
{
    message_splitter splitter{1000000};
    reading r;
    std::string const large(200000, 'x');
    auto const bytes = framed(large) + framed("y") + framed(large);
    for (std::size_t at = 0; at < bytes.size(); at += 70001)
        r.feed(splitter, std::string_view{bytes}.substr(at, 70001));
    CHECK(r.messages == std::vector<std::string>{large, "y", large});
}
