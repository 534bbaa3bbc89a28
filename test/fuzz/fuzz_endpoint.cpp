// SPDX-License-Identifier: BSL-1.0
//
// Any text is an endpoint whose own text means the same, or is refused with an error of ours and a sentence.
#include <oizys/endpoint.hpp>
#include <oizys/error.hpp>

#include "endpoint_socket.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace
{

void require(bool holds)
{
    if (!holds)
        std::abort();
}

void use_address(oizys::endpoint const& e)
{
    using enum oizys::endpoint_kind;
    switch (e.kind())
    {
    case tcp:
    case tls:
    case ws:
    case wss: static_cast<void>(oizys::detail::numeric_address(e)); break;
    case unix_path:
    case unix_abstract:
    case ws_unix:
    case shm: require(oizys::detail::unix_address(e).size <= sizeof(sockaddr_storage)); break;
    case exec:
    case exec_fd: require(!e.words().empty() && !e.words().front().empty()); break;
    case stdio:
    case fd: require(e.fd_in() >= 0 && e.fd_out() >= 0); break;
    case systemd: break;
    case none: require(false);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace oizys;
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    boost::system::error_code ec;
    std::string why;
    auto const parsed = endpoint::parse(text, ec, &why);
    require(why.empty() != ec.failed());
    if (ec)
    {
        require(ec == errc::bad_endpoint || ec == errc::path_too_long);
        require(parsed == endpoint{});
        return 0;
    }
    auto const printed = parsed.to_string();
    require(endpoint{printed} == parsed);
    require(endpoint{printed}.to_string() == printed);
    for (std::string_view const parts[] = {parsed.name(), parsed.target(), parsed.options().group};
         auto const part : parts)
        require(part.find('\0') == part.npos);
    use_address(parsed);
    return 0;
}
