// SPDX-License-Identifier: BSL-1.0
//
// Proves that a conversion which throws, wherever it is called, ends the call that it belongs to and nothing
// else: the connection, the other calls and the coroutine that waits live on.
#include "rpc_test.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <stdexcept>

namespace
{

struct thrower
{};

} // namespace

template <>
struct oizys::rpc::codec<thrower>
{
    static bool read(reader&, thrower&) { throw std::runtime_error{"cannot be read"}; }
    static void write(writer& out, thrower const&)
    {
        out.begin_array(3); // leaves something half written
        out.write_string("x");
        throw std::runtime_error{"cannot be written"};
    }
};

using namespace oizys;
using namespace oizys::test;

namespace
{

void check_alive(two_peers& peers)
{
    call_result<int> there, back;
    peers.a.async_call<int>("add", std::tuple{2, 3}, there.handler());
    peers.b.async_call<int>("add", std::tuple{2, 3}, back.handler());
    settle(peers.io);
    CHECK(there.answered_with(5));
    CHECK(back.answered_with(5));
    CHECK(peers.a.pending_calls() == 0);
}

} // namespace

TEST_CASE("arguments whose conversion throws are bad_arguments")
{
    two_peers peers{both_protocols()};
    call_result<int> called;
    peers.a.async_call<int>("add", std::tuple{1, thrower{}}, called.handler());
    CHECK(called.count == 0);
    settle(peers.io);
    CHECK(called.failed_with(rpc::errc::bad_arguments));
    check_alive(peers);
}

TEST_CASE("a coroutine lives on when the conversion of its arguments throws")
{
    two_peers peers{both_protocols()};
    error_code why;
    asio::co_spawn(
        peers.io,
        [&]() -> asio::awaitable<void> {
            try
            {
                static_cast<void>(
                    co_await peers.a.async_call<int>("add", std::tuple{thrower{}}, asio::use_awaitable));
            }
            catch (boost::system::system_error const& e)
            {
                why = e.code();
            }
        },
        [](std::exception_ptr e) { CHECK(!e); });
    settle(peers.io);
    CHECK(why == rpc::errc::bad_arguments);
    check_alive(peers);
}

TEST_CASE("the exception of a conversion leaves notify, and nothing was queued")
{
    two_peers peers{both_protocols()};
    CHECK_THROWS_WITH(peers.a.notify("add", std::tuple{thrower{}}), "cannot be written");
    CHECK(peers.a.session().queued_messages() == 0);
    check_alive(peers);
}

TEST_CASE("a result whose conversion throws on the way back is bad_result")
{
    two_peers peers{both_protocols()};
    int count = 0;
    peers.a.async_call<thrower>("add", std::tuple{2, 3}, [&](error_code ec, rpc::outcome<thrower> const&) {
        CHECK(ec == rpc::errc::bad_result);
        ++count;
    });
    settle(peers.io);
    CHECK(count == 1);
    check_alive(peers);
}

TEST_CASE("a parameter or a result of a method whose conversion throws is an internal error")
{
    auto service = plain_service();
    service.method("takes", [](thrower) {});
    service.method("gives", [] { return thrower{}; });
    service.method("gives later", [](rpc::reply<thrower> r) { std::move(r)(thrower{}); });
    two_peers peers{both_protocols(), plain_service(), service};
    for (std::string const method : {"takes", "gives", "gives later"})
    {
        INFO(method);
        call_result<int> called;
        peers.a.async_call<int>(method, array{1}, called.handler());
        settle(peers.io);
        CHECK(called.answered_with_error(method == "takes" ? rpc::internal_error : rpc::invalid_params));
        call_result<int> without;
        peers.a.async_call<int>(method, std::tuple{}, without.handler());
        settle(peers.io);
        CHECK(without.answered_with_error(method == "takes" ? rpc::invalid_params : rpc::internal_error));
    }
    check_alive(peers);
}

TEST_CASE("in a batch, a conversion that throws spoils its own answer only")
{
    auto service = plain_service();
    service.method("gives", [] { return thrower{}; });
    conversation with{service};
    check(with,
          {{R"([{"jsonrpc":"2.0","method":"gives","id":1},{"jsonrpc":"2.0","method":"nothing","id":2}])",
            R"([{"jsonrpc":"2.0","error":{"code":-32603,"message":"Internal error"},"id":1},)"
            R"({"jsonrpc":"2.0","result":null,"id":2}])"}});
}

TEST_CASE(
    "a reply whose conversion throws outside of the handler lets the exception out and answers with an error")
{
    std::optional<rpc::reply<thrower>> kept;
    auto service = plain_service();
    service.method("gives", [&](rpc::reply<thrower> r) { kept.emplace(std::move(r)); });
    two_peers peers{both_protocols(), plain_service(), service};
    call_result<int> called;
    peers.a.async_call<int>("gives", std::tuple{}, called.handler());
    settle(peers.io);
    CHECK_THROWS_WITH(std::move(*kept)(thrower{}), "cannot be written");
    kept.reset();
    settle(peers.io);
    CHECK(called.answered_with_error(rpc::internal_error));
    check_alive(peers);
}
