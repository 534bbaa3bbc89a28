// SPDX-License-Identifier: BSL-1.0
//
// What a listener tells its log, in words. Where nobody listens, nothing is formatted.
#pragma once

#include <oizys/credentials.hpp>
#include <oizys/endpoint.hpp>
#include <oizys/function_ref.hpp>
#include <oizys/log.hpp>

#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace oizys::detail
{

/// Handler and endpoint outlive it. No member throws: a line that cannot be formatted is lost.
class listener_log final
{
public:
    listener_log(log_handler const& handler, endpoint const& local) noexcept
        : handler_{handler}, local_{local}
    {
    }

    /// `reason` is for programs, `why` for people.
    void refused(credentials const& who, std::string_view reason,
                 function_ref<std::string()> why) const noexcept;
    void failed(credentials const& who, boost::system::error_code why) const noexcept;
    void full(std::size_t max_sessions) const noexcept;
    void pausing(boost::system::error_code why, std::chrono::milliseconds backoff) const noexcept;
    void ended(boost::system::error_code why) const noexcept;

private:
    struct line
    {
        log_level level;
        std::string text;
        std::vector<log_field> fields; ///< after the endpoint
    };

    void write(line&& what) const;

    log_handler const& handler_;
    endpoint const& local_;
};

} // namespace oizys::detail
