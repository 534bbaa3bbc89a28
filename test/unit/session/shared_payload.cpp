// SPDX-License-Identifier: BSL-1.0
//
// Messages in sealed memory: how they are made, and how they are mapped.
#include "shared_payload.hpp"
#include "memory_file.hpp"

#include <oizys/error.hpp>

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>

using boost::system::error_code;
using oizys::unique_fd;
using oizys::detail::make_shared_payload;
using oizys::detail::shared_payload;

namespace
{

/// How the page at this address is mapped, as /proc/self/maps says it: "r--p".
std::string mapping_of(void const* address)
{
    std::ifstream maps{"/proc/self/maps"};
    auto const wanted = reinterpret_cast<std::uintptr_t>(address);
    for (std::string line; std::getline(maps, line);)
    {
        std::size_t used = 0;
        auto const from = std::stoull(line, &used, 16);
        auto const to = std::stoull(line.substr(used + 1), nullptr, 16);
        if (wanted >= from && wanted < to)
            return line.substr(line.find(' ') + 1, 4);
    }
    return {};
}

unique_fd made_of(std::string_view message)
{
    error_code ec;
    auto memory = make_shared_payload(message, ec);
    REQUIRE(!ec);
    return memory;
}

} // namespace

TEST_CASE("a message in shared memory is read where it lies")
{
    error_code ec;
    std::string const message(5000, 'x');
    shared_payload const received{made_of(message), message.size(), ec};
    REQUIRE(!ec);
    CHECK(received.view() == message);
}

TEST_CASE("memory that is sealed against writing is mapped private, as Linux before 6.7 demands")
{
    error_code ec;
    shared_payload const received{made_of("Hi"), 2, ec};
    REQUIRE(!ec);
    CHECK(mapping_of(received.view().data()) == "r--p");
}

TEST_CASE("nobody can change the memory of a message, or execute it where the kernel knows how to forbid it")
{
    auto const memory = made_of("Hi");
    CHECK(::write(memory.get(), "x", 1) == -1);
    CHECK(::ftruncate(memory.get(), 0) == -1);
    CHECK(::ftruncate(memory.get(), 1 << 20) == -1);
    CHECK((::fcntl(memory.get(), F_GETFD) & FD_CLOEXEC) != 0);
    constexpr int sealed_against_execution = 0x20; // F_SEAL_EXEC
    constexpr unsigned not_executable = 0x8;       // MFD_NOEXEC_SEAL
    bool const known = bool{unique_fd{::memfd_create("test", MFD_CLOEXEC | not_executable)}};
    CHECK(oizys::detail::has_seals(memory.get(), sealed_against_execution) == known);
}

TEST_CASE("a message in memory that is too small, or not sealed, is refused")
{
    error_code ec;
    shared_payload const shorter{made_of("Hi"), 3, ec};
    CHECK(ec == oizys::errc::bad_payload);
    CHECK(shorter.view().empty());

    auto open = oizys::detail::make_memory_file("test", 100, ec);
    REQUIRE(!ec);
    shared_payload const unsealed{std::move(open), 2, ec};
    CHECK(ec == oizys::errc::bad_payload);

    shared_payload const none{unique_fd{::open("/dev/null", O_RDONLY | O_CLOEXEC)}, 2, ec};
    CHECK(ec == oizys::errc::bad_payload);
}
