// SPDX-License-Identifier: BSL-1.0
//
// Proves how the group of a socket's file is named: by name or by number, and never by mistake.
#include "account.hpp"

#include <oizys/error.hpp>

#include <catch2/catch.hpp>

using oizys::errc;
using oizys::detail::gid_of_group_or_number;

TEST_CASE("a group is named or numbered")
{
    boost::system::error_code ec = errc::queue_full;
    CHECK(gid_of_group_or_number("nogroup", ec) == 65534);
    CHECK(!ec);
    CHECK(gid_of_group_or_number("0", ec) == 0);
    CHECK(!ec);
    CHECK(gid_of_group_or_number("4294967294", ec) == 4294967294);
    CHECK(!ec);
}

TEST_CASE("what is neither a group's name nor its number is unknown")
{
    // The last but one means "no change" to chown(2), and so would leave the file to another group.
    for (auto const* text : {"", "oizys-has-no-such-group", "-1", "1 ", "4294967295", "4294967296"})
    {
        INFO(text);
        boost::system::error_code ec;
        gid_of_group_or_number(text, ec);
        CHECK(ec == errc::unknown_name);
    }
}
