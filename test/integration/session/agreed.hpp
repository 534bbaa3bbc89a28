// SPDX-License-Identifier: BSL-1.0
//
// What the tests of the negotiated mode share: ends that agree, and an end without a session that says what is
// needed for that.
#pragma once

#include "ends.hpp"

#include <oizys/connect.hpp>
#include <oizys/unique_fd.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oizys::test
{

using generic_socket = asio::generic::stream_protocol::socket;

inline session_options negotiating()
{
    session_options o;
    o.negotiation.enabled = true;
    o.negotiation.ping_interval = {};
    return o;
}

/// Hello and offer of an end that takes and knows everything.
inline std::string const introduction{"\x7f\xff\0\0\x03\0\0\x09\x0f\0\0\0\0\0\xff\xff\xff", 17};

/// A session that was asked to open, and how that ended.
struct opening
{
    std::shared_ptr<oizys::session> session;
    error_code ec;
    int calls = 0;

    void open(asio::local::stream_protocol::socket socket, session_options const& options)
    {
        oizys::async_open_session(generic_socket{std::move(socket)}, options,
                                  [this](error_code why, std::shared_ptr<oizys::session> s) {
                                      ++calls;
                                      ec = why;
                                      session = std::move(s);
                                  });
    }

    /// Opens one whose other end is `other`.
    void open(asio::io_context& io, raw_end& other, session_options const& options = negotiating())
    {
        asio::local::stream_protocol::socket socket{io};
        asio::local::connect_pair(other.socket(), socket);
        other.socket().non_blocking(true);
        open(std::move(socket), options);
    }
};

/// Two ends that have agreed.
struct agreed_pair
{
    explicit agreed_pair(asio::io_context& io, session_options const& a = negotiating(),
                         session_options const& b = negotiating())
    {
        asio::local::stream_protocol::socket first{io};
        asio::local::stream_protocol::socket second{io};
        asio::local::connect_pair(first, second);
        opening client;
        client.open(std::move(first), a);
        accepted = session_of(std::move(second), b);
        at_accepted.watch_close(*accepted);
        accepted->set_onreceive([this](oizys::incoming& m) {
            descriptors.push_back(m.take_descriptors());
            at_accepted.messages.push_back(m.take());
        });
        REQUIRE(run_until(io, [&] { return client.calls != 0 && accepted->negotiated(); }));
        REQUIRE(!client.ec);
        connected = client.session;
        at_connected.watch(*connected);
    }

    std::shared_ptr<oizys::session> connected;
    std::shared_ptr<oizys::session> accepted;
    witness at_connected;
    witness at_accepted;
    std::vector<std::vector<unique_fd>> descriptors; ///< of the messages at the accepted end
};

inline unique_fd file_with(std::string_view text)
{
    unique_fd fd{::memfd_create("test", MFD_CLOEXEC)};
    REQUIRE(::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    return fd;
}

inline std::vector<unique_fd> one_file()
{
    std::vector<unique_fd> files;
    files.push_back(file_with("x"));
    return files;
}

inline std::size_t open_descriptors()
{
    auto const all = std::filesystem::directory_iterator{"/proc/self/fd"};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

} // namespace oizys::test
