// SPDX-License-Identifier: BSL-1.0
//
// Proves what each error of the transport says and which POSIX error it equals, and that the list here
// is complete: the switch in `next_errc` does not compile (-Wswitch) when an enumerator is added.
#include <oizys/error.hpp>

#include <boost/system/errc.hpp>
#include <catch2/catch.hpp>

#include <optional>
#include <set>
#include <string>

namespace
{

using oizys::errc;
namespace posix = boost::system::errc;

struct expectation
{
    errc value;
    std::optional<posix::errc_t> equals;
    std::string says; ///< a part of the message
};

expectation const expectations[] = {
    {errc::bad_frame, posix::bad_message, "not a frame"},
    {errc::message_too_large, posix::message_size, "longer than max_message"},
    {errc::message_empty, posix::message_size, "empty message"},
    {errc::malformed_message, posix::bad_message, "cannot be delimited"},
    {errc::unknown_protocol, posix::protocol_error, "unknown protocol"},
    {errc::handshake_timeout, posix::timed_out, "handshake_timeout"},
    {errc::queue_full, posix::no_buffer_space, "max_queued_bytes"},
    {errc::session_closed, posix::not_connected, "session is closed"},
    {errc::handler_failed, std::nullopt, "threw an exception"},
    {errc::close_timeout, posix::timed_out, "close_timeout"},
    {errc::bad_endpoint, posix::invalid_argument, "unix:/path"},
    {errc::path_too_long, posix::filename_too_long, "107 bytes"},
    {errc::address_in_use, posix::address_in_use, "another process is listening"},
    {errc::not_a_socket, posix::not_a_socket, "a descriptor, is not a socket"},
    {errc::message_has_newline, posix::invalid_argument, "line feed"},
    {errc::write_timeout, posix::timed_out, "write_timeout"},
    {errc::idle_timeout, posix::timed_out, "idle_timeout"},
    {errc::hello_malformed, posix::protocol_error, "hello"},
    {errc::serializer_unsupported, posix::protocol_error, "serializer"},
    {errc::frame_length_unacceptable, posix::protocol_error, "frame length"},
    {errc::too_many_connections, posix::connection_refused, "too many connections"},
    {errc::descriptors_unsupported, posix::operation_not_supported, "Unix socket"},
    {errc::bad_descriptors, posix::bad_message, "announced"},
    {errc::bad_payload, posix::bad_message, "damaged"},
    {errc::unknown_name, posix::invalid_argument, "no such user or group"},
    {errc::bad_shared_memory, posix::bad_message, "shared memory session"},
    {errc::handshake_refused, posix::connection_refused, "handshake was refused"},
    {errc::no_descriptor, posix::bad_file_descriptor, "no descriptor of this name"},
    {errc::ambiguous_descriptor, std::nullopt, "a socket unit of its own"},
    {errc::not_a_stream_socket, posix::wrong_protocol_type, "datagrams or packets"},
};

// The enumerator behind `e`; nothing behind the last.
std::optional<errc> next_errc(errc e)
{
    switch (e)
    {
    case errc::bad_frame: return errc::message_too_large;
    case errc::message_too_large: return errc::message_empty;
    case errc::message_empty: return errc::malformed_message;
    case errc::malformed_message: return errc::unknown_protocol;
    case errc::unknown_protocol: return errc::handshake_timeout;
    case errc::handshake_timeout: return errc::queue_full;
    case errc::queue_full: return errc::session_closed;
    case errc::session_closed: return errc::handler_failed;
    case errc::handler_failed: return errc::close_timeout;
    case errc::close_timeout: return errc::bad_endpoint;
    case errc::bad_endpoint: return errc::path_too_long;
    case errc::path_too_long: return errc::address_in_use;
    case errc::address_in_use: return errc::not_a_socket;
    case errc::not_a_socket: return errc::message_has_newline;
    case errc::message_has_newline: return errc::write_timeout;
    case errc::write_timeout: return errc::idle_timeout;
    case errc::idle_timeout: return errc::hello_malformed;
    case errc::hello_malformed: return errc::serializer_unsupported;
    case errc::serializer_unsupported: return errc::frame_length_unacceptable;
    case errc::frame_length_unacceptable: return errc::too_many_connections;
    case errc::too_many_connections: return errc::descriptors_unsupported;
    case errc::descriptors_unsupported: return errc::bad_descriptors;
    case errc::bad_descriptors: return errc::bad_payload;
    case errc::bad_payload: return errc::unknown_name;
    case errc::unknown_name: return errc::bad_shared_memory;
    case errc::bad_shared_memory: return errc::handshake_refused;
    case errc::handshake_refused: return errc::no_descriptor;
    case errc::no_descriptor: return errc::ambiguous_descriptor;
    case errc::ambiguous_descriptor: return errc::not_a_stream_socket;
    case errc::not_a_stream_socket: return std::nullopt;
    }
    return std::nullopt;
}

} // namespace

TEST_CASE("every error of the transport is expected here, in order")
{
    std::optional<errc> e = errc::bad_frame;
    for (auto const& expected : expectations)
    {
        REQUIRE(e);
        CHECK(expected.value == *e);
        e = next_errc(*e);
    }
    CHECK(!e);
}

TEST_CASE("every error says what happened, in words of its own")
{
    std::set<std::string> seen;
    for (auto const& [value, equals, says] : expectations)
    {
        boost::system::error_code const ec = value;
        INFO(ec.message());
        CHECK_THAT(ec.message(), Catch::Contains(says));
        CHECK(seen.insert(ec.message()).second);

        char room[8];
        CHECK(ec.category().message(ec.value(), room, sizeof room) == ec.message());
    }
}

TEST_CASE("every error equals the POSIX error that means the same, and no other")
{
    posix::errc_t const all[] = {posix::bad_message,      posix::message_size,      posix::protocol_error,
                                 posix::timed_out,        posix::no_buffer_space,   posix::not_connected,
                                 posix::invalid_argument, posix::filename_too_long, posix::address_in_use,
                                 posix::not_a_socket,     posix::broken_pipe};
    for (auto const& [value, equals, says] : expectations)
    {
        boost::system::error_code const ec = value;
        INFO(ec.message());
        for (auto const condition : all)
            CHECK((ec == condition) == (equals == condition));
        CHECK(ec == value);
        CHECK(ec.failed());
    }
}

TEST_CASE("the category is named oizys and is one object")
{
    boost::system::error_code const ec = errc::queue_full;
    CHECK(std::string{ec.category().name()} == "oizys");
    CHECK(&ec.category() == &oizys::error_category());
}

TEST_CASE("a value that is no error of the transport still has a message")
{
    for (int const value : {-1, 0, 999, 1000})
    {
        CHECK(oizys::error_category().message(value) == "unknown oizys error");
        boost::system::error_code const ec{value, oizys::error_category()};
        CHECK(ec.default_error_condition() == boost::system::error_condition{value, oizys::error_category()});
    }
}
