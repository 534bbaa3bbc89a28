// SPDX-License-Identifier: BSL-1.0
//
// Connections that are refused because there are too many, and whose other end may speak the negotiated mode:
// its hello is answered with the reason before the connection is closed. Nobody else is told anything.
//
// WAMP, "RawSocket Transport"; docs/protocol.md, "The negotiated mode".
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace oizys::detail
{

class lingering_refusal;

class lingering_refusals final
{
public:
    /// `most` connections may linger, each for `time`; beyond, and where one of both is zero, they are closed at once.
    lingering_refusals(std::size_t most, std::chrono::milliseconds time) noexcept : most_{most}, time_{time}
    {
    }
    ~lingering_refusals() { close(); }
    lingering_refusals(lingering_refusals const&) = delete;
    lingering_refusals& operator=(lingering_refusals const&) = delete;

    void add(boost::asio::generic::stream_protocol::socket connection);

    /// Closes all of them.
    void close() noexcept;

private:
    std::size_t most_;
    std::chrono::milliseconds time_;
    std::vector<std::weak_ptr<lingering_refusal>> pending_; ///< owned by what they wait for
};

} // namespace oizys::detail
