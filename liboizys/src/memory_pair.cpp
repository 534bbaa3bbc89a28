// SPDX-License-Identifier: BSL-1.0
#include <oizys/memory_pair.hpp>

#include "memory_stream.hpp"
#include "stream_session.hpp"

namespace oizys
{

memory_pair_result memory_pair(boost::asio::any_io_executor executor, memory_pair_options const& options)
{
    auto const state = std::make_shared<memory_pair_state>();
    auto ends = detail::memory_stream::make_pair(executor,
                                                 {.capacity = options.capacity,
                                                  .max_transfer = options.max_transfer,
                                                  .fail_after = options.fail_after},
                                                 state);
    return {.first = detail::make_handle(std::move(ends.first), options.first),
            .second = detail::make_handle(std::move(ends.second), options.second),
            .state = state};
}

} // namespace oizys
