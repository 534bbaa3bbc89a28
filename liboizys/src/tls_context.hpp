// SPDX-License-Identifier: BSL-1.0
//
// Certificates, keys and rules of TLS, read once and shared by all connections that use them.
#pragma once

#include <oizys/tls_options.hpp>

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <string>

extern "C"
{
    struct ssl_ctx_st; // OpenSSL's SSL_CTX
    struct ssl_st;     // and its SSL
}

namespace oizys::detail
{

enum class tls_role
{
    client,
    server,
};

class tls_context final
{
public:
    /// Reads the files. On failure returns null, and `why` says which file is to blame and for what.
    static std::shared_ptr<tls_context const> make(tls_role role, tls_options const& options,
                                                   boost::system::error_code& ec, std::string& why);

    tls_role role() const noexcept { return role_; }
    std::size_t write_buffer() const noexcept { return write_buffer_; }

    /// A new connection's state, owned by the caller. A client's accepts `host` alone: a name, or an address.
    /// @throws std::bad_alloc
    ssl_st* make_connection(std::string const& host) const;

private:
    struct deleter
    {
        void operator()(ssl_ctx_st* context) const noexcept;
    };

    tls_context(tls_role role, std::size_t write_buffer);

    tls_role role_;
    std::size_t write_buffer_;
    std::unique_ptr<ssl_ctx_st, deleter> context_;

    friend class tls_context_loader;
};

/// Why a certificate was refused, in OpenSSL's words: values are those of X509_V_ERR_….
boost::system::error_category const& certificate_category() noexcept;

} // namespace oizys::detail
