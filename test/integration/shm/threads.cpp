// SPDX-License-Identifier: BSL-1.0
//
// Proves that the two ends of a shared memory session may run at once, each on a thread of its own.
#include "shm_test.hpp"

#include <thread>

namespace
{

using namespace oizys::test;

} // namespace

TEST_CASE("two threads exchange messages through shared memory, sleeping and spinning", "[concurrent]")
{
    for (auto const spin : {0, 50})
    {
        shm_options const options{.capacity = 4096, .spin = std::chrono::microseconds{spin}};
        asio::io_context client_io{1};
        asio::io_context server_io{1};
        asio::local::stream_protocol::socket client_end{client_io};
        asio::local::stream_protocol::socket server_end{server_io};
        asio::local::connect_pair(client_end, server_end);

        std::thread server{[&] {
            auto const s = shm_server(std::move(server_end), options);
            s->set_onreceive([&](oizys::incoming& message) {
                error_code ec;
                s->send(message.view(), ec);
            });
            s->set_onclose([&](error_code) { server_io.stop(); });
            server_io.run();
        }};

        auto const s = shm_client(std::move(client_end), options);
        std::mt19937 random{1};
        std::string expected = random_text(random, 1);
        witness w;
        w.watch_close(*s);
        std::size_t received = 0;
        std::size_t wrong = 0;
        s->set_onmessage([&](std::string const& message) {
            wrong += message == expected ? 0u : 1u;
            expected = random_text(random, 1 + random() % (++received % 10 == 0 ? 20000 : 200));
            s->send(expected);
        });
        s->send(expected);
        bool const done = run_until(client_io, [&] { return received >= 2000 || w.closed(); });
        s->abort();
        server.join();
        CHECK(done);
        CHECK(!w.closed());
        CHECK(wrong == 0);
    }
}
