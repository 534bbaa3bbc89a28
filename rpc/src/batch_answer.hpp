// SPDX-License-Identifier: BSL-1.0
//
// The answers to one JSON-RPC batch, sent as one message when the last of them is there.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace oizys::rpc::detail
{

class peer_impl;

/// Used on its peer's executor only.
class batch_answer
{
public:
    /// For a batch of `size` elements; its answers are kept as long as they fit into `max_message` bytes together.
    batch_answer(std::weak_ptr<peer_impl> to, std::size_t size, std::size_t max_message)
        : peer_{std::move(to)}, left_{size}, max_message_{max_message}
    {
    }

    /// One more answer will be added.
    void expect() noexcept { ++expected_; }
    /// Adds the answer to the request `id`, or, if the answers would be too long together, an error in its place.
    void add(std::string_view id, std::string_view encoded);
    /// All requests of the batch have been looked at.
    void end();

private:
    void send_if_complete();

    std::weak_ptr<peer_impl> peer_;
    std::string text_;
    std::size_t left_; ///< elements that may still be answered
    std::size_t max_message_;
    std::size_t expected_ = 0;
    bool ended_ = false;
};

} // namespace oizys::rpc::detail
