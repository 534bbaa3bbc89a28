// SPDX-License-Identifier: BSL-1.0
//
// What a process knows about the descriptors that it was started with, and that each is handed over once.
#include "support.hpp"

#include <oizys/error.hpp>
#include <oizys/systemd.hpp>

#include "integration/endpoint/support.hpp"
#include "support/temp_dir.hpp"

#include <sys/stat.h>

using namespace oizys;
using namespace oizys::test;

namespace
{

std::string name_of(systemd::descriptor_kind kind)
{
    switch (kind)
    {
    case systemd::descriptor_kind::listener: return "listener";
    case systemd::descriptor_kind::connection: return "connection";
    case systemd::descriptor_kind::datagram: return "datagram";
    case systemd::descriptor_kind::other: return "other";
    }
    return "?";
}

std::string list()
{
    boost::system::error_code ec;
    std::string result;
    for (auto const& [name, number, kind] : systemd::descriptors(ec))
        result += name + '=' + std::to_string(number) + ':' + name_of(kind) + ' ';
    return ec ? "error " + ec.message() : result;
}

std::string take(std::string_view name)
{
    boost::system::error_code ec;
    auto const fd = systemd::take(name, ec);
    return ec ? ec.message() : std::to_string(fd.get());
}

std::string message_of(boost::system::error_code ec) { return ec.message(); }

/// One descriptor of each kind.
struct of_each_kind
{
    temp_dir dir;
    unique_fd listener = raw_listen(dir.endpoint(), 8);
    unique_fd connection = raw_connect(dir.endpoint());
    unique_fd datagram{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    unique_fd packets{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
    unique_fd fifo;

    of_each_kind()
    {
        REQUIRE(::mkfifo(dir.file("fifo").c_str(), 0600) == 0);
        fifo = unique_fd{::open(dir.file("fifo").c_str(), O_RDWR | O_CLOEXEC)};
    }

    std::vector<int> all() const
    {
        return {listener.get(), connection.get(), datagram.get(), packets.get(), fifo.get()};
    }
};

} // namespace

TEST_CASE("descriptors have names, numbers and kinds, in order")
{
    of_each_kind const fds;
    auto const said = in_child([&] {
        hand_over(fds.all(), "a:b:c:d:e");
        return list();
    });
    CHECK(said == "a=3:listener b=4:connection c=5:datagram d=6:datagram e=7:other ");
}

TEST_CASE("descriptors that nobody named are called unknown")
{
    of_each_kind const fds;
    auto const said = in_child([&] {
        hand_over({fds.listener.get(), fds.fifo.get()}, nullptr);
        return list();
    });
    CHECK(said == "unknown=3:listener unknown=4:other ");
}

TEST_CASE("each descriptor is handed over once")
{
    of_each_kind const fds;
    auto const said = in_child([&] {
        hand_over({fds.listener.get(), fds.fifo.get(), fds.connection.get()}, "a:a:b");
        return lines({take("b"), take("b"), take("a"), take("c"), list()});
    });
    auto const none = message_of(errc::no_descriptor);
    CHECK(said ==
          lines({"5", none, message_of(errc::ambiguous_descriptor), none, "a=3:listener a=4:other "}));
}

TEST_CASE("without a name the only descriptor is taken, whatever it is called")
{
    of_each_kind const fds;
    auto const said = in_child([&] {
        hand_over({fds.listener.get(), fds.fifo.get()}, "a:b");
        return lines({take(""), take("a"), take(""), take("")});
    });
    CHECK(said == lines({message_of(errc::ambiguous_descriptor), "3", "4", message_of(errc::no_descriptor)}));
}

TEST_CASE("what was handed over is not handed on: neither the descriptors nor the variables")
{
    of_each_kind const fds;
    auto const said = in_child([&] {
        hand_over(fds.all(), "a:b:c:d:e");
        bool is_inherited = false;
        list();
        for (int fd = 3; fd < 8; ++fd)
            is_inherited = is_inherited || (::fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
        for (auto const* const name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
            is_inherited = is_inherited || std::getenv(name) != nullptr;
        return std::string{is_inherited ? "inherited" : "kept"};
    });
    CHECK(said == "kept");
}

TEST_CASE("a fork()ed copy of a process has no descriptors to take")
{
    of_each_kind const fds;
    auto const said = in_child([&] {
        hand_over({fds.listener.get()}, "a");
        return lines({list(), in_child([] { return lines({list(), take("a")}); }), take("a")});
    });
    CHECK(said == lines({"a=3:listener ", lines({"", message_of(errc::no_descriptor)}), "3"}));
}

TEST_CASE("descriptors of another process, or none, are no descriptors")
{
    of_each_kind const fds;
    bool const is_foreign = GENERATE(true, false);
    auto const said = in_child([&] {
        if (is_foreign)
        {
            hand_over({fds.listener.get()}, "a");
            ::setenv("LISTEN_PID", std::to_string(::getppid()).c_str(), 1);
        }
        return lines({list(), take("a")});
    });
    CHECK(said == lines({"", message_of(errc::no_descriptor)}));
}

TEST_CASE("variables that make no sense are an error, each time")
{
    of_each_kind const fds;
    struct mistake
    {
        char const* variable;
        char const* value;
        int error;
    };
    auto const [name, value, error] = GENERATE(values<mistake>({{"LISTEN_PID", "x", EINVAL},
                                                                {"LISTEN_FDS", "x", EINVAL},
                                                                {"LISTEN_FDS", "-1", EINVAL},
                                                                {"LISTEN_FDS", "30", EBADF},
                                                                {"LISTEN_FDNAMES", "a:b", EINVAL}}));
    auto const said = in_child([&, n = name, v = value] {
        hand_over({fds.listener.get()}, nullptr);
        ::setenv(n, v, 1);
        return lines({list(), take("a")});
    });
    auto const expected = boost::system::error_code{error, boost::system::system_category()}.message();
    INFO(name << '=' << value);
    CHECK(said == lines({"error " + expected, expected}));
}
