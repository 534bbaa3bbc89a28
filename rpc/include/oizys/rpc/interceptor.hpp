// SPDX-License-Identifier: BSL-1.0
//
// What a service does around every call: looks at it before, is told of it after, and turns errors of the user's own
// into error objects.
#pragma once

#include <oizys/api.hpp>
#include <oizys/function.hpp>
#include <oizys/rpc/protocol/error.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oizys::rpc
{

class call_context;

/// What became of a call.
struct call_report
{
    /// Of the error object that it was answered with, or would have been if it were no notification.
    std::optional<std::int64_t> error{};
    /// From when its message was looked at until its answer was given.
    std::chrono::nanoseconds duration{};
};

namespace detail
{

template <class... Arguments>
struct interceptor
{
    interceptor(std::string which, unique_function<void(Arguments...)> what)
        : pattern{std::move(which)}, call{std::move(what)}
    {
    }

    std::string pattern;
    mutable unique_function<void(Arguments...)> call;
};

using before_call = interceptor<call_context&>;
using after_call = interceptor<call_context const&, call_report const&>;
/// Whether it knows what was thrown, and then what that is for the other end.
using error_mapper = unique_function<bool(std::exception_ptr const&, error_object&)>;

/// A service has none as long as nobody asks for any.
struct service_hooks
{
    std::vector<std::shared_ptr<before_call const>> before{};
    std::vector<std::shared_ptr<after_call const>> after{};
    std::vector<std::shared_ptr<error_mapper>> errors{};
};

/// Whether `name` is like `pattern`, in which `*` stands for any text.
OIZYS_API bool matches(std::string_view pattern, std::string_view name) noexcept;

} // namespace detail
} // namespace oizys::rpc
