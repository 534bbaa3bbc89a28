// SPDX-License-Identifier: BSL-1.0
//
// Proves that what is wrong with a file is told before any connection, with the file's name.
#include "ends.hpp"

#include <filesystem>
#include <fstream>

namespace
{

using namespace oizys::test;
using oizys::detail::tls_role;

struct outcome
{
    error_code ec;
    std::string why;
};

outcome load(tls_role role, oizys::tls_options const& options)
{
    outcome result;
    auto const made = oizys::detail::tls_context::make(role, options, result.ec, result.why);
    CHECK((made == nullptr) == result.ec.failed());
    CHECK(result.why.empty() == !result.ec);
    return result;
}

bool contains(std::string const& text, std::string const& part) { return text.find(part) != text.npos; }

} // namespace

TEST_CASE("a file that is not there is named")
{
    auto const& files = certificates::get();
    std::string const missing = files.folder.file("missing.pem");
    auto const not_found = [&](outcome const& got, std::string const& option) {
        CHECK(got.ec == boost::system::errc::no_such_file_or_directory);
        CHECK(got.why == option + ": " + missing + ": No such file or directory");
    };
    not_found(load(tls_role::server, {.cert = missing}), "cert");
    not_found(load(tls_role::server, {.cert = files.server, .key = missing}), "key");
    not_found(load(tls_role::server, {.cert = files.server, .ca = missing}), "ca");
    not_found(load(tls_role::client, {.ca = missing}), "ca");
    not_found(load(tls_role::client, {.cert = missing}), "cert");
}

TEST_CASE("a file with something else in it is named")
{
    auto const& files = certificates::get();
    auto const junk = files.folder.file("junk.pem");
    std::ofstream{junk} << "-----BEGIN NOTHING-----\n";
    for (auto const& got : {load(tls_role::server, {.cert = junk}), load(tls_role::client, {.ca = junk}),
                            load(tls_role::server, {.cert = files.server, .key = junk}),
                            load(tls_role::server, {.cert = files.server, .ca = junk})})
    {
        CHECK(got.ec.failed());
        CHECK(contains(got.why, junk + ": "));
    }
}

TEST_CASE("a key must be there, belong to the certificate and not be encrypted")
{
    temp_dir folder;
    certificate const one{{.name = "one"}};
    certificate const two{{.name = "two"}};
    auto const cert = one.write_certificate(folder.file("one.pem"));
    auto const key = one.write_key(folder.file("one.key"));
    auto const wrong = two.write_key(folder.file("two.key"));
    auto const encrypted = one.write_key(folder.file("encrypted.key"), "passphrase");
    CHECK(!load(tls_role::server, {.cert = cert, .key = key}).ec);
    for (auto const& bad : {wrong, encrypted})
    {
        auto const got = load(tls_role::server, {.cert = cert, .key = bad});
        INFO(got.why);
        CHECK(got.ec.failed());
        CHECK(contains(got.why, "key: " + bad + ": "));
    }
    CHECK(contains(load(tls_role::server, {.cert = cert}).why, "key: " + cert + ": "));
}

TEST_CASE("options that make no sense are refused")
{
    auto const& files = certificates::get();
    CHECK(contains(load(tls_role::server, {}).why, "needs a certificate"));
    CHECK(load(tls_role::server, {}).ec == asio::error::invalid_argument);
    CHECK(contains(load(tls_role::client, {.key = files.alice}).why, "without a cert"));
    CHECK(!load(tls_role::client, {}).ec);
}

TEST_CASE("a folder in which OpenSSL would find nothing is refused")
{
    temp_dir folder;
    certificates::get().authority.write_certificate(folder.file("authority.pem"));
    auto const got = load(tls_role::client, {.ca = folder.path()});
    CHECK(got.ec.failed());
    CHECK(contains(got.why, "openssl rehash"));
    certificates::get().authority.write_hashed(folder.path());
    CHECK(!load(tls_role::client, {.ca = folder.path()}).ec);
}
