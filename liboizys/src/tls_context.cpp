// SPDX-License-Identifier: BSL-1.0
#include "tls_context.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <arpa/inet.h>
#include <dirent.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <new>
#include <string_view>

namespace oizys::detail
{

using boost::system::error_code;

namespace
{

class x509_category final : public boost::system::error_category
{
public:
    char const* name() const noexcept override { return "oizys.certificate"; }
    std::string message(int value) const override
    {
        return std::string{"the certificate was refused: "} + ::X509_verify_cert_error_string(value);
    }
};

/// The first of OpenSSL's errors is the cause, the others are who passed it on.
error_code openssl_error()
{
    auto const cause = ::ERR_get_error();
    ::ERR_clear_error();
    if (ERR_GET_LIB(cause) == ERR_LIB_SYS)
        return {ERR_GET_REASON(cause), boost::system::system_category()};
    return {static_cast<int>(cause), boost::asio::error::get_ssl_category()};
}

/// OpenSSL would ask for a passphrase on the terminal, and a daemon would wait for ever.
int no_passphrase(char*, int, int, void*) { return -1; }

bool is_address(std::string const& host)
{
    std::array<unsigned char, sizeof(in6_addr)> room{};
    return ::inet_pton(AF_INET, host.c_str(), room.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), room.data()) == 1;
}

/// As certificates name it: without the zone of an address, and without the dot of a complete name.
std::string name_of(std::string host)
{
    if (host.find(':') != host.npos)
        host.erase(std::min(host.find('%'), host.size()));
    else if (host.size() > 1 && host.back() == '.')
        host.pop_back();
    return host;
}

/// Whether a folder holds at least one certificate under the name that OpenSSL looks for: eight hexadecimal
/// digits, a dot, a number.
bool has_hashed_certificates(std::string const& folder)
{
    auto* const entries = ::opendir(folder.c_str());
    bool found = false;
    while (entries != nullptr && !found)
    {
        auto const* const entry = ::readdir(entries); // NOLINT(concurrency-mt-unsafe): a stream of our own
        if (entry == nullptr)
            break;
        std::string_view const name{entry->d_name};
        found = name.size() >= 10 && name[8] == '.' && name[9] >= '0' && name[9] <= '9' &&
                name.substr(0, 8).find_first_not_of("0123456789abcdef") == name.npos;
    }
    if (entries != nullptr)
        ::closedir(entries);
    return found;
}

} // namespace

boost::system::error_category const& certificate_category() noexcept
{
    static x509_category const instance;
    return instance;
}

void tls_context::deleter::operator()(ssl_ctx_st* context) const noexcept { ::SSL_CTX_free(context); }

tls_context::tls_context(tls_role role, std::size_t write_buffer)
    : role_{role}
    , write_buffer_{std::max<std::size_t>(write_buffer, 1)}
    , context_{::SSL_CTX_new(role == tls_role::client ? ::TLS_client_method() : ::TLS_server_method())}
{
    if (!context_)
        throw std::bad_alloc{};
    auto* const context = context_.get();
    ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    ::SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                       SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Sessions are not resumed: connections last, and a client's certificate is looked at each time.
    ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    ::SSL_CTX_set_num_tickets(context, 0);
    ::SSL_CTX_set_default_passwd_cb(context, &no_passphrase);
    if (role == tls_role::client)
        ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

/// Reads the files of one context, and remembers what is wrong with the first that is not right.
class tls_context_loader
{
public:
    tls_context_loader(tls_context& to, error_code& ec, std::string& why)
        : role_{to.role()}, context_{to.context_.get()}, ec_{ec}, why_{why}
    {
    }

    bool load(tls_options const& options)
    {
        ::ERR_clear_error();
        if (role_ == tls_role::server && options.cert.empty())
            return fail(boost::asio::error::invalid_argument,
                        "cert: whoever accepts TLS needs a certificate");
        if (options.cert.empty() && !options.key.empty())
            return fail(boost::asio::error::invalid_argument, "key: is given without a cert");
        return load_own(options) && load_trusted(options.ca);
    }

private:
    bool fail(error_code ec, std::string why)
    {
        ec_ = ec;
        why_ = std::move(why);
        return false;
    }

    bool blame(std::string_view what, std::string const& file)
    {
        auto const ec = openssl_error();
        return fail(ec, std::string{what} + ": " + file + ": " + ec.message());
    }

    /// OpenSSL's own messages about files that cannot be opened do not say why.
    bool can_open(std::string_view what, std::string const& file)
    {
        if (auto* const opened = std::fopen(file.c_str(), "re"))
        {
            std::fclose(opened);
            return true;
        }
        error_code const ec{errno, boost::system::system_category()};
        return fail(ec, std::string{what} + ": " + file + ": " + ec.message());
    }

    bool load_own(tls_options const& options)
    {
        if (options.cert.empty())
            return true;
        auto const& key = options.key.empty() ? options.cert : options.key;
        if (!can_open("cert", options.cert) || !can_open("key", key))
            return false;
        if (::SSL_CTX_use_certificate_chain_file(context_, options.cert.c_str()) != 1)
            return blame("cert", options.cert);
        // It is checked against the certificate here.
        if (::SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM) != 1)
            return blame("key", key);
        return true;
    }

    bool load_trusted(std::string const& ca)
    {
        if (ca.empty())
            return role_ == tls_role::server || ::SSL_CTX_set_default_verify_paths(context_) == 1 ||
                   blame("ca", "the system's");
        struct stat status = {};
        bool const is_folder = ::stat(ca.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
        if (is_folder && !has_hashed_certificates(ca))
            return fail(boost::asio::error::invalid_argument,
                        "ca: " + ca +
                            ": no certificate in this folder has a hashed name; run `openssl rehash`");
        if (!is_folder && !can_open("ca", ca))
            return false;
        if (::SSL_CTX_load_verify_locations(context_, is_folder ? nullptr : ca.c_str(),
                                            is_folder ? ca.c_str() : nullptr) != 1)
            return blame("ca", ca);
        if (role_ == tls_role::server)
            demand_certificates(ca, is_folder);
        return true;
    }

    void demand_certificates(std::string const& ca, bool is_folder)
    {
        ::SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        // A hint to clients which of their certificates to send; they do without it.
        auto* const names = is_folder ? nullptr : ::SSL_load_client_CA_file(ca.c_str());
        if (names != nullptr)
            ::SSL_CTX_set_client_CA_list(context_, names);
        ::ERR_clear_error();
    }

    tls_role role_;
    ssl_ctx_st* context_;
    error_code& ec_;
    std::string& why_;
};

std::shared_ptr<tls_context const> tls_context::make(tls_role role, tls_options const& options,
                                                     error_code& ec, std::string& why)
{
    ec.clear();
    why.clear();
    std::shared_ptr<tls_context> const result{new tls_context{role, options.write_buffer}};
    if (!tls_context_loader{*result, ec, why}.load(options))
        return nullptr;
    return result;
}

ssl_st* tls_context::make_connection(std::string const& host) const
{
    auto* const connection = ::SSL_new(context_.get());
    if (connection == nullptr)
        throw std::bad_alloc{};
    if (role_ == tls_role::server)
        return connection;
    auto const name = name_of(host);
    auto* const rules = ::SSL_get0_param(connection);
    ::X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    // An empty name would switch the check off: it is replaced by one that no certificate has.
    int const set = is_address(name)
                        ? ::X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str())
                        : ::X509_VERIFY_PARAM_set1_host(rules, name.empty() ? "." : name.c_str(), 0);
    if (set != 1)
    {
        ::SSL_free(connection);
        throw std::bad_alloc{};
    }
    if (!is_address(name) && !name.empty())
        SSL_set_tlsext_host_name(connection, name.c_str()); // a hint to the server; it can fail without harm
    return connection;
}

} // namespace oizys::detail
