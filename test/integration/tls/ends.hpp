// SPDX-License-Identifier: BSL-1.0
//
// What the tests of TLS share: certificates of every kind, and connected ends over sockets.
#pragma once

#include "socket_stream.hpp"
#include "support/certificates.hpp"
#include "support/run_until.hpp"
#include "support/stream_user.hpp"
#include "support/temp_dir.hpp"
#include "tls_stream.hpp"

#include <oizys/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/error.hpp>
#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace oizys::test
{

namespace asio = boost::asio;
using boost::system::error_code;

/// Files, made once per test executable.
struct certificates
{
    temp_dir folder;
    certificate authority{{.name = "authority", .is_ca = true}};
    certificate other_authority{{.name = "other authority", .is_ca = true}};
    std::string ca = authority.write_certificate(folder.file("ca.pem"));
    std::string other_ca = other_authority.write_certificate(folder.file("other-ca.pem"));
    std::string server = issue("localhost", "DNS:localhost,DNS:*.example.org,IP:127.0.0.1,IP:::1");
    std::string wrong_host = issue("elsewhere.example", "DNS:elsewhere.example");
    std::string expired =
        certificate{{.name = "localhost", .alternative_names = "DNS:localhost", .days = -1}, authority}.write(
            folder.file("expired.pem"));
    std::string self_signed = certificate{{.name = "localhost", .alternative_names = "DNS:localhost"}}.write(
        folder.file("self-signed.pem"));
    std::string untrusted =
        certificate{{.name = "localhost", .alternative_names = "DNS:localhost"}, other_authority}.write(
            folder.file("untrusted.pem"));
    std::string alice = issue("alice", "");
    std::string mallory = certificate{{.name = "alice"}, other_authority}.write(folder.file("mallory.pem"));

    std::string issue(std::string const& name, std::string const& names) const
    {
        return certificate{{.name = name, .alternative_names = names}, authority}.write(
            folder.file(name + ".pem"));
    }

    static certificates const& get()
    {
        static certificates const instance;
        return instance;
    }
};

inline std::shared_ptr<detail::tls_context const> context(detail::tls_role role, tls_options const& options)
{
    error_code ec;
    std::string why;
    auto made = detail::tls_context::make(role, options, ec, why);
    INFO(why);
    REQUIRE(!ec);
    return made;
}

inline std::shared_ptr<detail::tls_context const> client_context(tls_options const& options)
{
    return context(detail::tls_role::client, options);
}

inline std::shared_ptr<detail::tls_context const> server_context(tls_options const& options)
{
    return context(detail::tls_role::server, options);
}

using local_socket = asio::local::stream_protocol::socket;

inline std::unique_ptr<detail::stream> plain(local_socket socket)
{
    return std::make_unique<detail::socket_stream>(asio::generic::stream_protocol::socket{std::move(socket)});
}

/// Two ends of one connection that have begun to shake hands.
struct tls_pair
{
    asio::io_context io;
    std::shared_ptr<stream_user> client;
    std::shared_ptr<stream_user> server;

    explicit tls_pair(tls_options const& client_options = {.ca = certificates::get().ca},
                      tls_options const& server_options = {.cert = certificates::get().server},
                      std::string const& host = "localhost")
    {
        local_socket a{io};
        local_socket b{io};
        asio::local::connect_pair(a, b);
        client = std::make_shared<stream_user>(
            detail::tls_stream::client(plain(std::move(a)), client_context(client_options), host));
        server = std::make_shared<stream_user>(
            detail::tls_stream::server(plain(std::move(b)), server_context(server_options)));
        client->handshake();
        server->read();
    }

    bool shake_hands()
    {
        return run_until(io, [&] { return client->shaken() && server->stream().established(); });
    }

    template <class Predicate>
    bool wait(Predicate predicate)
    {
        return run_until(io, [&] { return static_cast<bool>(predicate()); });
    }
};

/// Whether OpenSSL reported this reason (SSL_R_…, or an alert).
bool has_reason(error_code ec, int reason);

} // namespace oizys::test
