// SPDX-License-Identifier: BSL-1.0
#include <oizys/rpc/protocol/error.hpp>

#include <boost/system/error_condition.hpp>

namespace oizys::rpc
{
namespace
{

char const* text_of(errc e) noexcept
{
    switch (e)
    {
    case errc::timed_out: return "no answer came within the call's timeout";
    case errc::cancelled: return "the call was cancelled";
    case errc::connection_lost: return "the connection ended before the answer came";
    case errc::not_sent: return "the call was not sent: the connection is closed or its queue is full";
    case errc::too_many_pending: return "the call was not sent: max_pending_calls are waiting for an answer";
    case errc::bad_arguments: return "the call was not sent: its arguments cannot be encoded as parameters";
    case errc::bad_result: return "the result is not of the type that was asked for";
    case errc::bad_message: return "the other end sent something that is no message of the protocol";
    case errc::too_many_items: return "the other end has sent more values of a stream than it may";
    }
    return "unknown oizys.rpc error";
}

class category final : public boost::system::error_category
{
public:
    char const* name() const noexcept override { return "oizys.rpc"; }

    std::string message(int value) const override { return text_of(static_cast<errc>(value)); }

    char const* message(int value, char*, std::size_t) const noexcept override
    {
        return text_of(static_cast<errc>(value));
    }

    boost::system::error_condition default_error_condition(int value) const noexcept override
    {
        namespace posix = boost::system::errc;
        switch (static_cast<errc>(value))
        {
        case errc::timed_out: return posix::make_error_condition(posix::timed_out);
        case errc::cancelled: return posix::make_error_condition(posix::operation_canceled);
        case errc::connection_lost: return posix::make_error_condition(posix::connection_reset);
        case errc::not_sent: return posix::make_error_condition(posix::not_connected);
        case errc::too_many_pending:
            return posix::make_error_condition(posix::resource_unavailable_try_again);
        case errc::bad_arguments: return posix::make_error_condition(posix::invalid_argument);
        case errc::too_many_items: return posix::make_error_condition(posix::protocol_error);
        case errc::bad_message: return posix::make_error_condition(posix::bad_message);
        case errc::bad_result: break; // nothing in POSIX means this
        }
        return {value, *this};
    }
};

} // namespace

boost::system::error_category const& error_category() noexcept
{
    static category const instance;
    return instance;
}

} // namespace oizys::rpc
