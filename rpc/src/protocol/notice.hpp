// SPDX-License-Identifier: BSL-1.0
//
// The notifications of the extensions by name. docs/protocol.md, section 12.
#pragma once

#include <oizys/rpc/protocol/extensions.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace oizys::rpc::detail
{

enum class notice : std::uint8_t
{
    none, ///< an ordinary notification
    cancel,
    progress,
    item,
    credit,
    lsp_cancel,
    lsp_progress, ///< sent only; when it comes, it is an ordinary notification
};

struct notice_name
{
    notice what;
    std::string_view name;
};

inline constexpr std::array notice_names{
    notice_name{notice::cancel, "oizys.cancel"},
    notice_name{notice::progress, "oizys.progress"},
    notice_name{notice::item, "oizys.item"},
    notice_name{notice::credit, "oizys.credit"},
    notice_name{notice::lsp_cancel, "$/cancelRequest"},
    notice_name{notice::lsp_progress, "$/progress"},
};

constexpr std::string_view name_of(notice what) noexcept
{
    for (auto const& [e, name] : notice_names)
        if (e == what)
            return name;
    return {};
}

/// What a notification of this name is to an end with these extensions.
constexpr notice notice_of(std::string_view method, extensions how) noexcept
{
    auto const first = method.empty() ? char{} : method.front();
    if (how == extensions::none || (first != 'o' && first != '$'))
        return notice::none;
    for (auto const& [e, name] : notice_names)
        if (name == method && e != notice::lsp_progress)
            return (e == notice::lsp_cancel) == (how == extensions::lsp) ? e : notice::none;
    return notice::none;
}

} // namespace oizys::rpc::detail
