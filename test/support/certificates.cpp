// SPDX-License-Identifier: BSL-1.0
#include "support/certificates.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace oizys::test
{

namespace
{

void require(bool holds)
{
    if (!holds)
        throw std::runtime_error{"OpenSSL cannot make a certificate"};
}

void add_extension(X509* to, X509* issuer, int id, std::string const& value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    auto* const extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
    require(extension != nullptr);
    X509_add_ext(to, extension, -1);
    X509_EXTENSION_free(extension);
}

std::shared_ptr<x509_st> make(certificate_request const& request, EVP_PKEY* key, X509* issuer,
                              EVP_PKEY* issuer_key)
{
    static long serial = 0;
    constexpr long day = 24 * 60 * 60;
    std::shared_ptr<x509_st> const made{X509_new(), &X509_free};
    auto* const x509 = made.get();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(x509), -10 * day);
    X509_gmtime_adj(X509_getm_notAfter(x509), request.days * day);
    auto* const subject = X509_get_subject_name(x509);
    auto const add = [&](char const* field, std::string const& value) {
        X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8,
                                   reinterpret_cast<unsigned char const*>(value.c_str()), -1, -1, 0);
    };
    add("O", "Oizys");
    add("CN", request.name);
    auto* const signer = issuer == nullptr ? x509 : issuer;
    X509_set_issuer_name(x509, X509_get_subject_name(signer));
    X509_set_pubkey(x509, key);
    add_extension(x509, signer, NID_basic_constraints, request.is_ca ? "critical,CA:TRUE" : "CA:FALSE");
    if (!request.alternative_names.empty())
        add_extension(x509, signer, NID_subject_alt_name, request.alternative_names);
    require(X509_sign(x509, issuer_key, EVP_sha256()) != 0);
    return made;
}

template <class Write>
std::string write_file(std::string const& file, Write write)
{
    auto* const out = std::fopen(file.c_str(), "we");
    require(out != nullptr);
    bool const written = write(out);
    std::fclose(out);
    require(written);
    return file;
}

} // namespace

certificate::certificate(certificate_request const& request)
    : key_{EVP_EC_gen("P-256"), &EVP_PKEY_free}, x509_{make(request, key_.get(), nullptr, key_.get())}
{
}

certificate::certificate(certificate_request const& request, certificate const& issuer)
    : key_{EVP_EC_gen("P-256"), &EVP_PKEY_free}
    , x509_{make(request, key_.get(), issuer.x509_.get(), issuer.key_.get())}
{
}

std::string certificate::write(std::string const& file) const
{
    return write_file(file, [&](FILE* out) {
        return PEM_write_X509(out, x509_.get()) == 1 &&
               PEM_write_PrivateKey(out, key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
    });
}

std::string certificate::write_certificate(std::string const& file) const
{
    return write_file(file, [&](FILE* out) { return PEM_write_X509(out, x509_.get()) == 1; });
}

std::string certificate::write_key(std::string const& file, std::string const& passphrase) const
{
    return write_file(file, [&](FILE* out) {
        auto const* const cipher = passphrase.empty() ? nullptr : EVP_aes_128_cbc();
        return PEM_write_PrivateKey(out, key_.get(), cipher,
                                    reinterpret_cast<unsigned char const*>(passphrase.data()),
                                    static_cast<int>(passphrase.size()), nullptr, nullptr) == 1;
    });
}

void certificate::write_hashed(std::string const& folder) const
{
    char name[16];
    std::snprintf(name, sizeof name, "%08lx.0",
                  X509_NAME_hash_ex(X509_get_subject_name(x509_.get()), nullptr, nullptr, nullptr));
    write_certificate(folder + '/' + name);
}

} // namespace oizys::test
