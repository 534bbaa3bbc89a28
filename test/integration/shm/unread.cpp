// SPDX-License-Identifier: BSL-1.0
//
// What a writer knows of how far the other end has read.
#include "shm_test.hpp"

namespace
{

using namespace oizys::test;

/// Reads once and notes how much that was.
struct reader final : oizys::detail::stream_reader
{
    void on_read(error_code, std::size_t n, std::shared_ptr<stream_reader>) override { total += n; }
    void abandon() noexcept override {}
    std::size_t total = 0;
};

} // namespace

TEST_CASE(
    "the bytes that the other end of shared memory has not read are told, so that a slow reader is not taken for "
    "a dead one")
{
    asio::io_context io;
    socket_pair sockets{io};
    auto const a =
        oizys::detail::make_shm_client(generic_socket{std::move(sockets.client)}, {.capacity = 4096});
    auto const b = oizys::detail::make_shm_server(generic_socket{std::move(sockets.server)}, {});
    CHECK(a->unread() == 0);
    int done = 0;
    auto const count = [&](error_code) { ++done; };
    a->async_handshake(count);
    b->async_handshake(count);
    REQUIRE(run_until(io, [&] { return done == 2; }));
    std::string const text(1000, 'x');
    std::string_view const piece{text};
    error_code ec;
    REQUIRE(a->try_write({&piece, 1}, ec) == 1000);
    CHECK(a->unread() == 1000);
    auto const r = std::make_shared<reader>();
    char room[400];
    b->async_read(room, oizys::detail::read_handler{r});
    REQUIRE(run_until(io, [&] { return r->total == 400; }));
    CHECK(a->unread() == 600);
    a->close();
    CHECK(a->unread() == 0);
}
