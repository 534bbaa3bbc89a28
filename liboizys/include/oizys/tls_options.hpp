// SPDX-License-Identifier: BSL-1.0
//
// How a connection is encrypted, and who must prove to be whom.
#pragma once

#include <cstddef>
#include <string>

namespace oizys
{

/// Files in the PEM format. TLS 1.2 or newer, always.
///
/// Who connects always verifies the server: its certificate against `ca`, and its name against the host it
/// connected to. Who listens needs `cert` and `key`, and demands a certificate of each client if `ca` is given.
struct tls_options
{
    std::string cert{}; ///< this end's certificate, followed by those between it and the CA's
    std::string key{};  ///< its private key, not encrypted; if empty, the same file
    /// Whom to trust: a file of certificates, or a folder as `openssl rehash` prepares it. If empty, a client
    /// trusts whom the system trusts, and a server asks for no certificate.
    std::string ca{};
    std::size_t write_buffer = 65536; ///< bytes that are encrypted ahead of what the other end receives
};

} // namespace oizys
