// SPDX-License-Identifier: BSL-1.0
//
// A message that has arrived, looked at where it lies.
#pragma once

#include <oizys/unique_fd.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oizys
{

/// A received message, valid while the handler that was given it runs.
class incoming
{
public:
    /// A message within a buffer that belongs to the session.
    explicit incoming(std::string_view view, std::vector<unique_fd>* descriptors = nullptr) noexcept
        : view_{view}, descriptors_{descriptors}
    {
    }

    /// A message in storage of its own.
    explicit incoming(std::string& own, std::vector<unique_fd>* descriptors = nullptr) noexcept
        : view_{own}, own_{&own}, descriptors_{descriptors}
    {
    }

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

    /// Takes the descriptors that came with the message: close-on-exec, in the order in which they were sent. Those
    /// that nobody takes are closed.
    std::vector<unique_fd> take_descriptors()
    {
        return descriptors_ != nullptr ? std::exchange(*descriptors_, {}) : std::vector<unique_fd>{};
    }

private:
    std::string_view view_;
    std::string* own_ = nullptr;
    std::vector<unique_fd>* descriptors_ = nullptr;
};

} // namespace oizys
