// SPDX-License-Identifier: BSL-1.0
//
// Sessions over TLS, with a certificate that is made for the run.
#include "endpoint_exchange.hpp"
#include "row.hpp"

#include "support/certificates.hpp"

#include <string>

namespace bench
{
namespace
{

std::string certificate_file(plan const& p) { return p.path + ".pem"; }

void serve(plan const& p)
{
    oizys::test::certificate const own{
        {.name = "localhost", .alternative_names = "IP:127.0.0.1", .is_ca = true}};
    oizys::listener_options options;
    options.tls.cert = own.write(certificate_file(p));
    serve_endpoint(p, "tls:127.0.0.1:0", options);
}

void run(plan const& p, meter& m)
{
    oizys::connect_extras extras;
    extras.tls.ca = certificate_file(p);
    run_endpoint(p, m, {}, extras);
}

} // namespace

row const tls_row{
    .name = "tls",
    .limit = "raw-tcp",
    .supports = [](plan const& p) { return p.connections == 1 && p.holds == contents::any; },
    .serve = serve,
    .run = run,
};

} // namespace bench
