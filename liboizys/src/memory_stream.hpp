// SPDX-License-Identifier: BSL-1.0
//
// One end of a pipe in memory, as stream_session wants it, with failures on demand.
#pragma once

#include <oizys/memory_pair.hpp>

#include "stream.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace oizys::detail
{

/// What both ends share.
struct memory_pipe_options
{
    std::size_t capacity;
    std::size_t max_transfer;
    std::size_t fail_after;
};

/// One end. Handlers are always posted, never called within the function that took them.
class memory_stream final : public stream
{
public:
    struct pair;
    static pair make_pair(boost::asio::any_io_executor const& executor, memory_pipe_options const& options,
                          std::shared_ptr<memory_pair_state> const& state);

    void async_read(std::span<char> room, read_handler handler) override;
    std::size_t try_write(std::span<std::string_view const> pieces, boost::system::error_code& ec) override;
    void async_wait_writable(wait_handler handler) override;
    void cancel_read() override;
    void close() override;
    boost::asio::any_io_executor get_executor() const noexcept override;

private:
    struct end;
    explicit memory_stream(std::shared_ptr<end> e) : end_{std::move(e)} {}

    std::shared_ptr<end> end_;
};

struct memory_stream::pair
{
    std::unique_ptr<stream> first;
    std::unique_ptr<stream> second;
};

} // namespace oizys::detail
