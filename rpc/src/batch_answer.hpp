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
    explicit batch_answer(std::weak_ptr<peer_impl> to) : peer_{std::move(to)} {}

    /// One more answer will be added.
    void expect() noexcept { ++expected_; }
    void add(std::string_view encoded);
    /// All requests of the batch have been looked at.
    void end();

private:
    void send_if_complete();

    std::weak_ptr<peer_impl> peer_;
    std::string text_;
    std::size_t expected_ = 0;
    bool ended_ = false;
};

} // namespace oizys::rpc::detail
