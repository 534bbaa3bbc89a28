// SPDX-License-Identifier: BSL-1.0
//
// Who may connect, who may call what, and how much. docs/guide/security.md shows it.
#include "both_ends.hpp"

#include <oizys/log.hpp>
#include <oizys/rpc/call_context.hpp>

#include <boost/asio/as_tuple.hpp>

#include <unistd.h>

namespace rpc = oizys::rpc;
using boost::asio::as_tuple;
using boost::asio::awaitable;
using boost::asio::use_awaitable;
using namespace std::chrono_literals;

constexpr int forbidden = 403;

rpc::server_options careful()
{
    rpc::server_options options;
    options.listener.access.allow_same_user().deny_user("nobody");
    options.listener.max_sessions = 256;
    options.listener.max_sessions_per_uid = 32;
    options.listener.session.max_message = 1 << 20;
    options.listener.session.idle_timeout = 10min;
    options.listener.log = oizys::log_to_stderr();
    options.peer.codec.max_depth = 16;
    options.peer.max_batch = 16;
    options.peer.max_unanswered_bytes = 1 << 20;
    options.peer.introspection = false;
    return options;
}

void guard(rpc::service& service, uid_t owner)
{
    service.before("admin.*", [owner](rpc::call_context& call) {
        if (call.credentials().uid != owner)
            throw rpc::error{forbidden, "only for the owner"};
    });
}

int main()
{
    boost::asio::io_context io{1};
    rpc::service service;
    service.method("hello", [] { return "hello"; });
    service.method("admin.stop", [] { return "stopped"; });
    guard(service, ::geteuid() + 1); // somebody else
    example::run_both(
        io, service,
        [](rpc::peer& peer) -> awaitable<void> {
            for (auto const* const method : {"hello", "admin.stop", "rpc.discover"})
            {
                auto [ec, answer] =
                    co_await peer.async_call<std::string>(method, std::tuple{}, as_tuple(use_awaitable));
                std::cout << (answer.has_value() ? *answer : answer.error().message) << '\n';
            }
        },
        careful());
}
