// SPDX-License-Identifier: BSL-1.0
//
// The answers to one JSON-RPC batch, sent as one message when the last of them is there.
#pragma once

#include "core/budget.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace oizys::rpc::detail
{

class peer_impl;

/// Used on its peer's executor only.
class batch_answer
{
public:
    /// For a batch of `size` elements; its answers are kept as long as they fit into `max_message` bytes together,
    /// and into what is left of the budget of `kept`.
    batch_answer(std::weak_ptr<peer_impl> to, charge kept, std::size_t size, std::size_t max_message)
        : peer_{std::move(to)}, kept_{std::move(kept)}, left_{size}, max_message_{max_message}
    {
    }

    /// One more answer will be added.
    void expect() noexcept { ++expected_; }
    /// Adds the answer to the request `id`, or, if there is no room for it, an error in its place.
    /// @returns the code of that error.
    std::optional<std::int64_t> add(std::string_view id, std::string_view encoded);
    /// All requests of the batch have been looked at.
    void end();

private:
    void send_if_complete();

    std::weak_ptr<peer_impl> peer_;
    charge kept_; ///< for text_
    std::string text_;
    std::size_t left_; ///< elements that may still be answered
    std::size_t max_message_;
    std::size_t expected_ = 0;
    bool ended_ = false;
};

} // namespace oizys::rpc::detail
