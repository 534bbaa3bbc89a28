// SPDX-License-Identifier: BSL-1.0
//
// The envelopes of JSON-RPC 2.0. docs/protocol.md, "JSON-RPC".
#pragma once

#include "codec/json_reader.hpp"
#include "codec/json_reader_lease.hpp"
#include "protocol/envelope.hpp"

#include <oizys/rpc/codec/json_writer.hpp>
#include <oizys/rpc/protocol/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oizys::rpc::detail
{

struct jsonrpc
{
    using writer = json_writer;

    static constexpr std::size_t envelope_depth = 2; ///< levels: a batch, and the object in it

    /// Reads the envelopes of one message.
    class decoder
    {
    public:
        /// Checks the whole text, which must stay where it is.
        decoder(std::string_view message, codec_limits limits, bool version_required);

        /// Whether it is JSON; if not, nothing else may be called.
        bool is_well_formed() const noexcept { return well_formed_; }

        bool is_batch() const noexcept { return is_batch_; }
        /// Elements of the batch; it may be empty.
        std::size_t batch_size() const noexcept { return batch_size_; }

        /// Reads the next envelope; false when there is none.
        bool next(envelope& out);
        /// The parameters, result or error of the envelope that was read last, from their beginning, whatever has failed
        /// in reading them before.
        reader& body();

    private:
        bool read_envelope(envelope& out);
        bool read_metadata(envelope& out);

        json_reader_lease json_;
        json_reader::place body_{};
        json_reader::place next_element_{};
        std::optional<call_metadata> metadata_{}; ///< of the envelope that was read last
        std::size_t batch_size_ = 0;
        std::size_t left_ = 0;
        bool well_formed_ = false;
        bool is_batch_ = false;
        bool version_required_;
    };

    // A request is begun, its parameters are written as one value, its metadata if there is some, and it is ended;
    // likewise a result.
    // It is not begun if the protocol has no form for the method's name.
    static bool begin_request(std::string& out, std::uint32_t id, std::string_view method,
                              bool has_metadata = false);
    static bool begin_notification(std::string& out, std::string_view method);
    static bool put_metadata(std::string& out, call_metadata const& metadata);
    static void end_request(std::string& out) { out.push_back('}'); }

    static void begin_result(std::string& out, std::string_view id);
    static void end_result(std::string& out, std::string_view id);
    static void write_error(std::string& out, std::string_view id, error_object const& error);

    static bool read_error(reader& in, error_object& out);
    /// Whether an encoded value can be parameters.
    static bool is_params(std::string_view encoded) noexcept
    {
        return !encoded.empty() && (encoded.front() == '[' || encoded.front() == '{');
    }
};

} // namespace oizys::rpc::detail
