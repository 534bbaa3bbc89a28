// SPDX-License-Identifier: BSL-1.0
//
// Proves that a process which runs out of descriptors fails cleanly wherever it needs one, for each kind of endpoint,
// and goes on as if nothing had been when there are descriptors again.
#include "support.hpp"

#include "support/certificates.hpp"
#include "support/forked.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <algorithm>

using namespace oizys;
using namespace oizys::test;
using namespace std::chrono_literals;

namespace
{

struct way
{
    char const* name;
    std::string listen;  ///< `{dir}` is the folder
    std::string connect; ///< the same if empty
};

std::vector<way> const ways = {
    {"unix", "unix:{dir}/socket", ""},
    {"abstract", "unix:@{dir}/socket", ""},
    {"tcp", "tcp:127.0.0.1:0", ""},
    {"negotiated", "unix:{dir}/socket?framing=detect&negotiate=1", "unix:{dir}/socket?negotiate=1"},
    {"tls", "tls:127.0.0.1:0?cert={dir}/server.pem", "tls:127.0.0.1:{port}?ca={dir}/ca.pem"},
    {"ws", "ws://127.0.0.1:0/", ""},
    {"wss", "wss://127.0.0.1:0/#cert={dir}/server.pem", "wss://127.0.0.1:{port}/#ca={dir}/ca.pem"},
    {"ws+unix", "ws+unix:{dir}/socket", ""},
    {"shm", "shm:{dir}/socket", ""},
};

void replace(std::string& text, std::string_view what, std::string const& by)
{
    for (auto at = text.find(what); at != text.npos; at = text.find(what))
        text.replace(at, what.size(), by);
}

std::string const message = "[\"" + std::string(300000, 'm') + "\"]"; // in a memfd where that is negotiated

bool has_no_children()
{
    siginfo_t info{};
    return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}

} // namespace

TEST_CASE(
    "connections for which there are too few descriptors fail or wait, over every kind, and all goes on later")
{
    temp_dir const dir;
    certificate const authority{{.name = "authority", .is_ca = true}};
    authority.write_certificate(dir.file("ca.pem"));
    certificate{{.name = "localhost", .alternative_names = "IP:127.0.0.1"}, authority}.write(
        dir.file("server.pem"));
    for (auto const& w : ways)
    {
        INFO(w.name);
        asio::io_context io;
        listener_options options;
        options.accept_backoff = 1ms;
        auto listen = w.listen;
        replace(listen, "{dir}", dir.path().string());
        echo_server server{io, listen, options};
        auto text = w.connect.empty() ? server.socket().local_endpoint().to_string() : w.connect;
        replace(text, "{dir}", dir.path().string());
        replace(text, "{port}", std::to_string(server.socket().local_endpoint().port()));
        endpoint const where{text};
        auto const before = open_descriptors();
        auto const at_rest = [&] { return server.sessions() == 0 && open_descriptors() == before; };

        int failed = 0;
        int waited = 0;
        for (rlim_t spare = 0; spare < 14; ++spare)
        {
            INFO(spare << " spare descriptors");
            good_client client;
            auto const errors = server.socket().counters().accept_errors;
            bool waits = false;
            {
                few_descriptors const few{spare};
                client.start(io, where, message);
                run_until(io, [&] {
                    waits = server.socket().counters().accept_errors >= errors + 3; // it tries, in vain
                    return client.ended || client.answered || waits;
                });
            }
            // Who waited to be accepted is, and everybody comes to an end.
            CHECK(run_until(io, [&] { return client.ended || client.answered; }));
            CHECK((!waits || client.answered));
            CHECK((client.answered || client.why.failed()));
            failed += !client.answered;
            waited += waits;
            client.held.reset();
            CHECK(run_until(io, at_rest));
            CHECK(is_served(io, where, message));
            REQUIRE(run_until(io, at_rest));
        }
        CHECK(failed >= 1); // there was no socket to connect with
        CHECK(waited >= 1);
        CHECK(failed + waited < 14);
    }
}

TEST_CASE("child processes for which there are too few descriptors are not started, and are later")
{
    asio::io_context io;
    for (std::string const text : {"exec?framing=newline:cat", "exec+fd:sh -c 'exec 2>&-; exec cat <&3 >&3'"})
    {
        INFO(text);
        REQUIRE(is_served(io, text));
        REQUIRE(run_until(io, [] { return has_no_children(); }));
        int failed = 0;
        for (rlim_t spare = 0; spare < 14; ++spare)
        {
            INFO(spare << " spare descriptors");
            auto const before = open_descriptors();
            good_client client;
            {
                few_descriptors const few{spare};
                client.start(io, text, "hello");
                run_until(io, [&] { return client.ended || client.answered; });
            }
            CHECK((client.answered || client.why.failed()));
            failed += !client.answered;
            client.held.reset();
            io.restart();
            io.run(); // until the child is collected
            CHECK(has_no_children());
            CHECK(open_descriptors() == before);
            CHECK(is_served(io, text));
            io.restart();
            io.run();
        }
        CHECK(failed >= 2);
        CHECK(failed < 14);
    }
}

TEST_CASE("a message that finds no descriptor for shared memory travels without it")
{
    asio::io_context io;
    temp_dir const dir;
    session_options options;
    options.framing = framing::detect;
    options.negotiation.enabled = true;
    echo_server server{io, dir.endpoint(), {.session = options}};
    good_client client;
    client.start(io, dir.endpoint() + "?negotiate=1", message);
    REQUIRE(run_until(io, [&] { return client.answered; }));
    auto const before = open_descriptors();
    client.answered = false;
    {
        few_descriptors const none{0};
        client.held->send(std::string_view{message}, client.why);
        run_until(io, [&] { return client.ended || client.answered; });
    }
    CHECK(client.answered);
    CHECK_FALSE(client.ended);
    CHECK(open_descriptors() == before);
}

TEST_CASE("descriptors that the other end has no room for end the session, and are all closed")
{
    asio::io_context io;
    temp_dir const dir;
    session_options options;
    options.framing = framing::detect;
    options.negotiation.enabled = true;
    echo_server server{io, dir.endpoint(), {.session = options}};
    {
        good_client client;
        client.start(io, dir.endpoint() + "?negotiate=1", "[1]");
        REQUIRE(run_until(io, [&] { return client.answered; }));
        REQUIRE(client.held->passes_descriptors());
        auto const before = open_descriptors();
        std::vector<unique_fd> gifts;
        for (int i = 0; i < 3; ++i)
        {
            // With a high number: the room that it leaves when it is sent is beyond the limit.
            unique_fd const low{::memfd_create("test", MFD_CLOEXEC)};
            gifts.emplace_back(::fcntl(low.get(), F_DUPFD_CLOEXEC, 500));
        }
        {
            few_descriptors const few{1};
            client.held->send("[2]", std::move(gifts), client.why);
            run_until(io, [&] { return client.ended; });
        }
        CHECK(client.ended);
        CHECK(server.closes == std::vector<error_code>{errc::bad_descriptors});
        CHECK(open_descriptors() == before - 2); // both ends of the session as well
    }
    CHECK(is_served(io, dir.endpoint() + "?negotiate=1"));
}
