// SPDX-License-Identifier: BSL-1.0
//
// Proves who is let in and who is not: certificates and names of servers, certificates of clients.
#include "ends.hpp"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>

namespace oizys::test
{

bool has_reason(error_code ec, int reason)
{
    return ec.category() == asio::error::get_ssl_category() &&
           ERR_GET_REASON(static_cast<unsigned long>(ec.value())) == reason;
}

} // namespace oizys::test

namespace
{

using namespace oizys::test;

auto const& files = certificates::get;

error_code refused(int verdict) { return {verdict, oizys::detail::certificate_category()}; }

} // namespace

TEST_CASE("two ends that trust each other exchange bytes")
{
    tls_pair pair;
    CHECK(!pair.client->stream().established());
    REQUIRE(pair.shake_hands());
    CHECK(pair.client->shaken() == error_code{});
    CHECK(pair.client->stream().established());
    pair.client->read();
    pair.client->send("from the client");
    pair.server->send("from the server");
    CHECK(pair.wait([&] { return pair.server->received == "from the client"; }));
    CHECK(pair.wait([&] { return pair.client->received == "from the server"; }));
}

TEST_CASE("a server's certificate must be signed by whom the client trusts, be valid, and name the host")
{
    struct
    {
        std::string cert;
        std::string host;
        error_code verdict;
    } const cases[] = {
        {files().server, "localhost", {}},
        {files().server, "LOCALHOST", {}},
        {files().server, "localhost.", {}},
        {files().server, "a.example.org", {}},
        {files().server, "127.0.0.1", {}},
        {files().server, "::1", {}},
        {files().server, "::1%lo", {}},
        {files().server, "0:0:0:0:0:0:0:1", {}},
        {files().server, "a.b.example.org", refused(X509_V_ERR_HOSTNAME_MISMATCH)},
        {files().server, "example.org", refused(X509_V_ERR_HOSTNAME_MISMATCH)},
        {files().server, "localhost.evil.example", refused(X509_V_ERR_HOSTNAME_MISMATCH)},
        {files().server, "", refused(X509_V_ERR_HOSTNAME_MISMATCH)},
        {files().server, "127.0.0.2", refused(X509_V_ERR_IP_ADDRESS_MISMATCH)},
        {files().server, "::2", refused(X509_V_ERR_IP_ADDRESS_MISMATCH)},
        {files().wrong_host, "localhost", refused(X509_V_ERR_HOSTNAME_MISMATCH)},
        {files().expired, "localhost", refused(X509_V_ERR_CERT_HAS_EXPIRED)},
        {files().self_signed, "localhost", refused(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT)},
        {files().untrusted, "localhost", refused(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)},
    };
    for (auto const& [cert, host, verdict] : cases)
    {
        INFO(cert << " for " << host);
        tls_pair pair{{.ca = files().ca}, {.cert = cert}, host};
        REQUIRE(pair.wait([&] { return pair.client->shaken(); }));
        CHECK(*pair.client->shaken() == verdict);
        CHECK(pair.client->stream().established() == !verdict);
        if (!verdict)
            continue;
        // The server is told by an alert, and no byte goes either way.
        pair.client->send("secret");
        pair.client->read();
        CHECK(pair.wait([&] { return pair.server->read_error && pair.client->read_error; }));
        CHECK(pair.client->read_error == verdict);
        CHECK(pair.server->read_error->category() == asio::error::get_ssl_category());
        CHECK(pair.client->write_error == verdict);
        CHECK(pair.server->received.empty());
        CHECK(!pair.server->stream().established());
    }
}

TEST_CASE("the error of a refused certificate says why")
{
    CHECK(refused(X509_V_ERR_CERT_HAS_EXPIRED).message() ==
          "the certificate was refused: certificate has expired");
    CHECK(refused(X509_V_ERR_HOSTNAME_MISMATCH).message().find("hostname mismatch") != std::string::npos);
    CHECK(refused(X509_V_ERR_HOSTNAME_MISMATCH).category().name() == std::string{"oizys.certificate"});
}

TEST_CASE("without a ca, a client trusts whom the system trusts, and not our authority")
{
    tls_pair pair{{}, {.cert = files().server}};
    REQUIRE(pair.wait([&] { return pair.client->shaken(); }));
    CHECK(*pair.client->shaken() == refused(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY));
}

TEST_CASE("a ca may be a folder with hashed names")
{
    temp_dir folder;
    files().authority.write_hashed(folder.path());
    tls_pair pair{{.ca = folder.path()}, {.cert = files().server}};
    REQUIRE(pair.shake_hands());
    CHECK(pair.client->shaken() == error_code{});

    tls_pair wrong{{.ca = folder.path()}, {.cert = files().untrusted}};
    REQUIRE(wrong.wait([&] { return wrong.client->shaken(); }));
    CHECK(wrong.client->shaken()->failed());
}

TEST_CASE("both ends know the other's verified subject")
{
    tls_pair pair{{.cert = files().alice, .ca = files().ca}, {.cert = files().server, .ca = files().ca}};
    CHECK(!pair.server->stream().get_credentials().subject);
    REQUIRE(pair.shake_hands());
    CHECK(pair.server->stream().get_credentials().subject == "CN=alice,O=Oizys");
    CHECK(pair.client->stream().get_credentials().subject == "CN=localhost,O=Oizys");
    // What the kernel knows is not forgotten.
    CHECK(pair.server->stream().get_credentials().uid == ::getuid());
}

TEST_CASE("a client whose certificate was not asked for has no subject")
{
    tls_pair pair{{.cert = files().alice, .ca = files().ca}, {.cert = files().server}};
    REQUIRE(pair.shake_hands());
    CHECK(!pair.server->stream().get_credentials().subject);
}

TEST_CASE("a subject is written so that no name can pass for another")
{
    auto const tricky = files().issue("x,O=Root+CN=y\\z\xc3\xa9", "");
    tls_pair pair{{.cert = tricky, .ca = files().ca}, {.cert = files().server, .ca = files().ca}};
    REQUIRE(pair.shake_hands());
    CHECK(pair.server->stream().get_credentials().subject == R"(CN=x\,O=Root\+CN=y\\z\C3\A9,O=Oizys)");
}

TEST_CASE("a server with a ca lets in no client without a certificate")
{
    tls_pair pair{{.ca = files().ca}, {.cert = files().server, .ca = files().ca}};
    REQUIRE(pair.wait([&] { return pair.server->read_error && pair.client->shaken(); }));
    CHECK(has_reason(*pair.server->read_error, SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE));
    CHECK(!pair.server->stream().established());
    CHECK(!pair.server->stream().get_credentials().subject);
    pair.client->read(); // TLS 1.3 tells a client only now
    REQUIRE(pair.wait([&] { return pair.client->read_error; }));
    CHECK(has_reason(*pair.client->read_error, SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED));
}

TEST_CASE("a server with a ca lets in no client of another authority")
{
    tls_pair pair{{.cert = files().mallory, .ca = files().ca}, {.cert = files().server, .ca = files().ca}};
    REQUIRE(pair.wait([&] { return pair.server->read_error && pair.client->shaken(); }));
    CHECK(*pair.server->read_error == refused(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY));
    CHECK(!pair.server->stream().get_credentials().subject);
    pair.client->read();
    REQUIRE(pair.wait([&] { return pair.client->read_error; }));
    CHECK(has_reason(*pair.client->read_error, SSL_R_TLSV1_ALERT_UNKNOWN_CA));
}
