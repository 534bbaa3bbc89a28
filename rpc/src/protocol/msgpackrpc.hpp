// SPDX-License-Identifier: BSL-1.0
//
// The envelopes of MessagePack-RPC. docs/protocol.md, "MessagePack-RPC".
#pragma once

#include "protocol/envelope.hpp"

#include <oizys/rpc/codec/msgpack_reader.hpp>
#include <oizys/rpc/codec/msgpack_writer.hpp>
#include <oizys/rpc/protocol/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oizys::rpc::detail
{

struct msgpackrpc
{
    using writer = msgpack_writer;

    static constexpr std::size_t envelope_depth = 1; ///< levels

    /// Reads the envelope of one message; there are no batches.
    class decoder
    {
    public:
        /// Checks the whole message, which must stay where it is. (MessagePack-RPC has no version to require.)
        decoder(std::string_view message, codec_limits limits, bool version_required);

        /// Whether it is one msgpack value; if not, nothing else may be called.
        bool is_well_formed() const noexcept { return well_formed_; }

        static constexpr bool is_batch() noexcept { return false; }
        static constexpr std::size_t batch_size() noexcept { return 0; }

        bool next(envelope& out);
        reader& body();

    private:
        bool read_envelope();

        std::string_view message_;
        std::string_view body_{};
        msgpack_reader in_;
        envelope envelope_{};
        std::optional<call_metadata> metadata_{};
        bool well_formed_;
        bool done_ = false;
    };

    // See jsonrpc.
    static bool begin_request(std::string& out, std::uint32_t id, std::string_view method,
                              bool has_metadata = false);
    static bool begin_notification(std::string& out, std::string_view method);
    static bool put_metadata(std::string& out, call_metadata const& metadata);
    static void end_request(std::string&) {}

    static void begin_result(std::string& out, std::string_view id);
    static void end_result(std::string&, std::string_view) {}
    static void write_error(std::string& out, std::string_view id, error_object const& error);

    static bool read_error(reader& in, error_object& out);
    /// Whether an encoded value can be parameters: an array.
    static bool is_params(std::string_view encoded) noexcept;
};

} // namespace oizys::rpc::detail
