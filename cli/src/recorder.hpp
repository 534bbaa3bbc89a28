// SPDX-License-Identifier: BSL-1.0
//
// Writes a recording while it happens, so that of a program that is killed no more than the last moments are missing.
#pragma once

#include "recording.hpp"
#include "zstd_file.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace oizys::cli
{

class recorder
{
public:
    /// @throws failure  (usage)
    recorder(boost::asio::any_io_executor executor, std::string const& path);

    void add(std::uint32_t connection, record_kind kind, std::string_view message);
    void stop(); ///< lets the loop end
    void finish();

private:
    static constexpr std::chrono::milliseconds flush_interval{200};

    void wait();

    zstd_file_writer file_;
    boost::asio::steady_timer timer_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    bool flushed_ = true;
    bool stopped_ = false;
};

} // namespace oizys::cli
