// SPDX-License-Identifier: BSL-1.0
//
// Any text is an endpoint that prints as the same text, or is refused with an error of ours.
#include <oizys/endpoint.hpp>
#include <oizys/error.hpp>

#include "endpoint_socket.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace
{

void require(bool holds)
{
    if (!holds)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace oizys;
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    boost::system::error_code ec;
    auto const parsed = endpoint::parse(text, ec);
    if (ec)
    {
        require(ec == errc::bad_endpoint || ec == errc::path_too_long);
        require(parsed == endpoint{});
        return 0;
    }
    require(parsed.to_string() == text);
    require(endpoint{text} == parsed);
    if (parsed.kind() == endpoint_kind::tcp)
        static_cast<void>(detail::numeric_address(parsed));
    else
        require(detail::unix_address(parsed).size <= sizeof(sockaddr_storage));
    return 0;
}
