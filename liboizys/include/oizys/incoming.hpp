// SPDX-License-Identifier: BSL-1.0
//
// A message that has arrived, looked at where it lies.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace oizys
{

/// A received message, valid while the handler that was given it runs.
class incoming
{
public:
    /// A message within a buffer that belongs to the session.
    explicit incoming(std::string_view view) noexcept : view_{view} {}

    /// A message in storage of its own.
    explicit incoming(std::string& own) noexcept : view_{own}, own_{&own} {}

    incoming(incoming const&) = delete;
    incoming& operator=(incoming const&) = delete;

    /// The bytes. At least 64 bytes behind them may be read too; what they hold means nothing.
    std::string_view view() const noexcept { return view_; }

    /// The bytes to keep: moved where they have storage of their own (large messages), else copied.
    /// `view()` is empty afterwards.
    std::string take()
    {
        auto const view = std::exchange(view_, {});
        return own_ != nullptr ? std::move(*own_) : std::string{view};
    }

private:
    std::string_view view_;
    std::string* own_ = nullptr;
};

} // namespace oizys
