// SPDX-License-Identifier: BSL-1.0
//
// Proves what errors say: each enumerator of rpc::errc has a message of its own and the POSIX meaning that is
// documented, and whatever another end sends as an error becomes an error object.
#include "protocol/error_object.hpp"

#include <oizys/rpc/error.hpp>
#include <oizys/rpc/outcome.hpp>

#include <boost/system/error_condition.hpp>
#include <catch2/catch.hpp>

#include <optional>
#include <set>
#include <string>

using namespace oizys::rpc;
namespace posix = boost::system::errc;

namespace
{

struct line
{
    errc code;
    std::optional<posix::errc_t> means;
    char const* says; ///< a part of the message
};

constexpr line lines[] = {
    {errc::timed_out, posix::timed_out, "timeout"},
    {errc::cancelled, posix::operation_canceled, "cancelled"},
    {errc::connection_lost, posix::connection_reset, "before the answer"},
    {errc::not_sent, posix::not_connected, "not sent"},
    {errc::too_many_pending, posix::resource_unavailable_try_again, "max_pending_calls"},
    {errc::bad_arguments, posix::invalid_argument, "arguments"},
    {errc::bad_result, std::nullopt, "type"},
    {errc::bad_message, posix::bad_message, "no message of the protocol"},
    {errc::too_many_items, posix::protocol_error, "more values of a stream"},
};

} // namespace

TEST_CASE("each rpc::errc says what happened, and means what POSIX means where that exists")
{
    std::set<std::string> messages;
    for (auto const& [code, means, says] : lines)
    {
        boost::system::error_code const ec = code;
        INFO(ec.message());
        CHECK(ec);
        CHECK(std::string{ec.category().name()} == "oizys.rpc");
        CHECK(ec.message().find(says) != std::string::npos);
        CHECK(messages.insert(ec.message()).second);
        char room[200];
        CHECK(std::string{ec.message(room, sizeof room)} == ec.message());
        for (auto const& other : lines)
            if (other.means)
                CHECK((ec == *other.means) == (means == other.means));
        if (!means)
            CHECK(ec.default_error_condition() == boost::system::error_condition{ec.value(), ec.category()});
    }
    CHECK(messages.size() == 9);
}

TEST_CASE("a number that is no rpc::errc is unknown, and no error of POSIX")
{
    for (int const number : {-1, 10, 1000})
    {
        boost::system::error_code const ec{number, oizys::rpc::error_category()};
        CHECK(ec.message() == "unknown oizys.rpc error");
        CHECK(ec != posix::timed_out);
    }
}

TEST_CASE("whatever another end sends as an error becomes an error object")
{
    auto const own_form = "the other end answered with an error of its own form";
    struct
    {
        value sent;
        error_object read;
    } const all[] = {
        {object{{"code", 5}, {"message", "five"}, {"data", array{1}}}, {5, "five", array{1}}},
        {object{{"message", "only"}}, {internal_error, "only"}},
        {object{{"code", -32601}}, {method_not_found, ""}},
        {object{{"code", "x"}, {"message", "text"}}, {internal_error, "text"}},
        {"plain text", {internal_error, "plain text"}},
        {array{7, "seven"}, {7, "seven"}},
        {array{"seven", 7}, {internal_error, own_form, array{"seven", 7}}},
        {array{7, "seven", 1}, {internal_error, own_form, array{7, "seven", 1}}},
        {object{{"why", 1}}, {internal_error, own_form, object{{"why", 1}}}},
        {42, {internal_error, own_form, 42}},
        {true, {internal_error, own_form, true}},
        {1.5, {internal_error, own_form, 1.5}},
        {nullptr, {internal_error, own_form}},
        {array{}, {internal_error, own_form, array{}}},
        {extension{3, {}}, {internal_error, own_form, extension{3, {}}}},
    };
    for (auto const& [sent, read] : all)
    {
        INFO(sent);
        CHECK(detail::to_error_object(sent) == read);
    }
}

TEST_CASE("rpc::error carries an error object through C++")
{
    error const thrown{7, "seven", array{1}};
    CHECK(thrown.code() == 7);
    CHECK(std::string{thrown.what()} == "seven");
    CHECK(thrown.object() == error_object{7, "seven", array{1}});
    CHECK(error{thrown.object()}.object() == thrown.object());
}

TEST_CASE(
    "an outcome is a result or an error object, and throws where a result is asked for and is not there")
{
    outcome<int> const result{5};
    CHECK(result.has_value());
    CHECK(*result == 5);
    int const converted = result;
    CHECK(converted == 5);
    outcome<int> const failed{error_object{7, "seven"}};
    CHECK(!failed.has_value());
    CHECK(failed.error() == error_object{7, "seven"});
    CHECK_THROWS_AS(failed.value(), error);
    CHECK_THROWS_WITH(static_cast<int>(failed), "seven");
    CHECK(!outcome<int>{}.has_value());

    CHECK(outcome<void>{}.has_value());
    CHECK_NOTHROW(outcome<void>{}.value());
    outcome<void> const nothing{error_object{7, "seven"}};
    CHECK(!nothing.has_value());
    CHECK_THROWS_AS(nothing.value(), error);

    std::string const moved = outcome<std::string>{std::string(100, 'x')};
    CHECK(moved.size() == 100);
}
