// SPDX-License-Identifier: BSL-1.0
//
// Proves that the library that is loaded and the headers name the same version.
#include <oizys/version.hpp>

#include <catch2/catch.hpp>

TEST_CASE("the loaded library has the version of its headers")
{
    CHECK(oizys::get_major_version() == oizys::major_version);
    CHECK(oizys::get_minor_version() == oizys::minor_version);
    CHECK(oizys::get_patch_version() == oizys::patch_version);
}

TEST_CASE("the version's constants are constants")
{
    STATIC_REQUIRE((oizys::major_version >= 0 && oizys::minor_version >= 0 && oizys::patch_version >= 0));
    STATIC_REQUIRE(noexcept(oizys::get_major_version()));
}
