// SPDX-License-Identifier: BSL-1.0
#include "crowd.hpp"
#include "processes.hpp"
#include "stranger.hpp"

#include <oizys/connect.hpp>

#include <boost/asio/io_context.hpp>

#include <unistd.h>

#include <memory>
#include <string>

namespace asio = boost::asio;

namespace oizys::soak
{

using boost::system::error_code;

int run_client(surroundings const& where, std::uint64_t seed, bool killable)
{
    asio::io_context io{1};
    ledger book{"client"};
    crowd_options options{.kinds = {}, .slots = 3, .killable = killable, .strangers = 15};
    for (std::size_t i = 0; i < kinds().size(); ++i)
        options.kinds.push_back(i);
    crowd all{io, where, book, random_source{seed}, options};

    std::shared_ptr<session> control;
    async_connect(
        io.get_executor(), "stdio:?framing=newline", [&](error_code ec, std::shared_ptr<session> s) {
            if (ec)
                return book.fail("control", ec.message());
            control = std::move(s);
            control->set_onclose([&](error_code why) {
                if (why) // the supervisor is gone
                    io.stop();
            });
            control->set_onmessage([&](std::string const&) { all.stop([&] { control->close(); }); });
            control->send("pid " + std::to_string(::getpid()));
            all.start();
        });
    io.run(); // until what was sent before the last sessions closed has left, too
    return book.failed();
}

} // namespace oizys::soak
