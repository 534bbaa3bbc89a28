// SPDX-License-Identifier: BSL-1.0
//
// Certificates for tests, made on the spot.
#pragma once

#include <memory>
#include <string>

extern "C"
{
    struct evp_pkey_st;
    struct x509_st;
}

namespace oizys::test
{

struct certificate_request
{
    std::string name;                ///< the subject is CN=name,O=Oizys
    std::string alternative_names{}; ///< as in `DNS:localhost,IP:127.0.0.1`
    int days = 2;                    ///< from now until it expires; negative: it has
    bool is_ca = false;
};

/// A certificate and its key.
class certificate
{
public:
    /// Signs itself.
    explicit certificate(certificate_request const& request);
    certificate(certificate_request const& request, certificate const& issuer);

    /// Writes both into one file; returns its name.
    std::string write(std::string const& file) const;
    std::string write_certificate(std::string const& file) const;
    std::string write_key(std::string const& file, std::string const& passphrase = {}) const;
    /// Writes the certificate into a folder under the name that OpenSSL looks for.
    void write_hashed(std::string const& folder) const;

private:
    std::shared_ptr<evp_pkey_st> key_;
    std::shared_ptr<x509_st> x509_;
};

} // namespace oizys::test
