// SPDX-License-Identifier: BSL-1.0
//
// The two ways a call can fail: the other end answered with an error object, or there is no answer.
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/codec/value.hpp>

#include <boost/system/error_code.hpp>

#include <cstdint>
#include <exception>
#include <string>
#include <utility>

namespace oizys::rpc
{

/// Codes of JSON-RPC 2.0, section 5.1. MessagePack-RPC answers of oizys use the same.
enum error_number : std::int64_t
{
    parse_error = -32700,
    invalid_request = -32600,
    method_not_found = -32601,
    invalid_params = -32602,
    internal_error = -32603,
    result_too_large = -32001,         ///< oizys: the result does not fit into one message
    result_not_representable = -32002, ///< oizys: the protocol has no form for the result (JSON: NaN)
    too_many_calls = -32003,           ///< oizys: too many calls of the connection wait for their answers
    operation_failed = -32000,  ///< oizys: the method failed with an error code of C++, which is in `data`
    call_cancelled = -32004,    ///< oizys: the caller has cancelled the call
    request_cancelled = -32800, ///< the same in the Language Server Protocol
};

/// What the other end answered instead of a result. docs/protocol.md, "Error objects".
struct error_object
{
    std::int64_t code = internal_error;
    std::string message;
    value data{}; ///< null if there is none

    friend bool operator==(error_object const&, error_object const&) = default;
};

/// An error object on its way through C++: thrown by a handler, it becomes the answer; thrown to a caller that
/// asked for a value, it is the answer.
class OIZYS_API error : public std::exception
{
public:
    error(std::int64_t code, std::string message, value data = {})
        : object_{code, std::move(message), std::move(data)}
    {
    }
    explicit error(error_object object) : object_{std::move(object)} {}

    char const* what() const noexcept override { return object_.message.c_str(); }
    std::int64_t code() const noexcept { return object_.code; }
    error_object const& object() const noexcept { return object_; }

private:
    error_object object_;
};

/// Why a call has no answer, or none that can be used.
enum class errc
{
    timed_out = 1,    ///< no answer came within the call's timeout
    cancelled,        ///< the caller cancelled the call, or dropped the peer
    connection_lost,  ///< the session ended before the answer came; the call may have been carried out
    not_sent,         ///< the session is closed or its queue is full; the other end never saw the call
    too_many_pending, ///< max_pending_calls are waiting for an answer; the call was not sent
    bad_arguments,    ///< the arguments cannot be encoded as parameters; the call was not sent
    bad_result,       ///< the answer's result is not of the type that was asked for
    bad_message,      ///< the other end sent something that is no message of the protocol
    too_many_items,   ///< the other end has sent more values of a stream than it may; the stream was stopped
};

/// The category "oizys.rpc".
OIZYS_API boost::system::error_category const& error_category() noexcept;

inline boost::system::error_code make_error_code(errc e) noexcept
{
    return {static_cast<int>(e), error_category()};
}

} // namespace oizys::rpc

/// @cond
template <>
struct boost::system::is_error_code_enum<oizys::rpc::errc> : std::true_type
{
};
/// @endcond
