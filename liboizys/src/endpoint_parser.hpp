// SPDX-License-Identifier: BSL-1.0
//
// Reads the text of an endpoint. Pure: what is refused here was never given to the system.
#pragma once

#include <oizys/endpoint.hpp>
#include <oizys/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace oizys::detail
{

class endpoint_parser
{
public:
    /// Returns whether `result()` is what the text says; `code()` and `why()` tell what is wrong if it is not.
    bool parse(std::string_view text);

    endpoint const& result() const noexcept { return result_; }
    errc code() const noexcept { return code_; }
    std::string const& why() const noexcept { return why_; }

private:
    bool refuse(std::string why);
    bool parse_kind(std::string_view& text);
    bool parse_place(std::string_view text);
    bool parse_unix(std::string_view path);
    bool parse_abstract(std::string_view name);
    bool parse_host_and_port(std::string_view text);
    bool parse_host(std::string_view text);
    bool parse_ws(std::string_view text, std::uint16_t default_port);
    bool parse_ws_unix(std::string_view text);
    bool parse_target(std::string_view text);
    bool parse_descriptors(std::string_view text);
    bool parse_command(std::string_view text);
    bool parse_systemd(std::string_view name);
    bool decode_name(std::string_view text);

    endpoint result_;
    errc code_ = errc::bad_endpoint;
    std::string why_;
    bool has_options_ = false; ///< there is what begins them, with or without any behind it
};

} // namespace oizys::detail
