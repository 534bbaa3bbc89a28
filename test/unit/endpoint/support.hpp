// SPDX-License-Identifier: BSL-1.0
//
// How the tests of endpoints' texts ask.
#pragma once

#include <oizys/endpoint.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace oizys::test
{

/// The error of a text, after checking that it comes with a sentence, and that no error comes with none.
inline boost::system::error_code refusal(std::string_view text, std::string* said = nullptr)
{
    boost::system::error_code ec;
    std::string why = "unset";
    auto const result = endpoint::parse(text, ec, &why);
    CHECK((result == endpoint{}) == ec.failed());
    CHECK(why.empty() != ec.failed());
    if (said != nullptr)
        *said = why;
    return ec;
}

/// The endpoint of a text, after checking that its own text gives the same again.
inline endpoint parsed(std::string_view text)
{
    boost::system::error_code ec;
    std::string why;
    auto const result = endpoint::parse(text, ec, &why);
    INFO(text << ": " << why);
    REQUIRE(!ec);
    auto const printed = result.to_string();
    INFO("printed as " << printed);
    CHECK(endpoint::parse(printed, ec) == result);
    CHECK(!ec);
    CHECK(endpoint{printed}.to_string() == printed);
    return result;
}

} // namespace oizys::test
