// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"

#include <utility>

namespace oizys::cli
{

recorder::recorder(boost::asio::any_io_executor executor, std::string const& path)
    : file_{path}, timer_{std::move(executor)}
{
    file_.write(recording_header());
    file_.flush();
}

void recorder::add(std::uint32_t connection, record_kind kind, std::string_view message)
{
    auto const since = std::chrono::steady_clock::now() - start_;
    file_.write(encode({.time = std::chrono::duration_cast<std::chrono::microseconds>(since),
                        .connection = connection,
                        .kind = kind,
                        .message = std::string{message}}));
    if (std::exchange(flushed_, false) && !stopped_)
        wait();
}

void recorder::wait()
{
    timer_.expires_after(flush_interval);
    timer_.async_wait([this](boost::system::error_code cancelled) {
        if (cancelled)
            return;
        file_.flush();
        flushed_ = true;
    });
}

void recorder::stop()
{
    stopped_ = true;
    timer_.cancel();
}

void recorder::finish() { file_.finish(); }

} // namespace oizys::cli
