// SPDX-License-Identifier: BSL-1.0
//
// interop_neovim ENDPOINT   talks with a Neovim that listens there or is started so: edits a text, serves what Neovim
// asks and tells in the meantime, and makes it end
#include "interop/expect.hpp"

#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/use_awaitable.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace asio = boost::asio;
namespace rpc = oizys::rpc;

using oizys::test::expect;
using rpc::array;
using rpc::extension;
using rpc::object;
using rpc::value;
using texts = std::vector<std::string>;

namespace
{

// What Neovim's handles are: extensions of msgpack.
constexpr std::int8_t buffer_type = 0;
constexpr std::int8_t window_type = 1;

/// What Neovim asked and told.
struct witness
{
    rpc::peer neovim;
    value edited_buffer;
    texts edited_lines;
    value told;
};

rpc::service what_is_served(witness& saw)
{
    rpc::service service;
    service.method("multiply", [](int a, int b) { return a * b; });
    service.method("refuse", []() -> int { throw rpc::error{17, "not today"}; });
    service.method("same", [](value const& v) { return v; });
    service.method("told", [&saw](value const& v) { saw.told = v; });
    service.method("nvim_buf_lines_event",
                   [&saw](value const& buffer, value const&, int, int, texts lines, bool) {
                       saw.edited_buffer = buffer;
                       saw.edited_lines = std::move(lines);
                   });
    return service;
}

asio::awaitable<void> talk(std::string where, witness& saw)
{
    auto const executor = co_await asio::this_coro::executor;
    rpc::client_options options;
    options.peer.protocol = rpc::protocol::msgpack;
    auto const service = what_is_served(saw);
    auto& neovim = saw.neovim;
    neovim = co_await rpc::async_connect(executor, where, service, options, asio::use_awaitable);
    auto const& use = asio::use_awaitable;

    array const info = co_await neovim.async_call<array>("nvim_get_api_info", std::tuple{}, use);
    auto const channel = std::to_string(info.at(0).as<int>());

    // Handles come back as they came.
    auto const unlisted = std::tuple{false, true};
    extension const buffer = co_await neovim.async_call<extension>("nvim_create_buf", unlisted, use);
    extension const window = co_await neovim.async_call<extension>("nvim_get_current_win", std::tuple{}, use);
    expect("a buffer is an extension", buffer.type == buffer_type && !buffer.data.empty());
    expect("a window is another one", window.type == window_type);
    auto const window_and_buffer = std::tuple{window, buffer};
    (co_await neovim.async_call<value>("nvim_win_set_buf", window_and_buffer, use)).value();
    extension const shown =
        co_await neovim.async_call<extension>("nvim_win_get_buf", std::tuple{window}, use);
    expect("the buffer that was set is shown", shown == buffer);

    // Edits are told, with the buffer.
    auto const attach = std::tuple{buffer, false, object{}};
    bool const attached = co_await neovim.async_call<bool>("nvim_buf_attach", attach, use);
    expect("the buffer is watched", attached);
    texts const written{"one", "zwölf"};
    auto const edit = std::tuple{buffer, 0, -1, true, written};
    (co_await neovim.async_call<value>("nvim_buf_set_lines", edit, use)).value();
    auto const all = std::tuple{buffer, 0, -1, true};
    texts const read = co_await neovim.async_call<texts>("nvim_buf_get_lines", all, use);
    expect("what was written is read", read == written);
    expect("the edit was told", saw.edited_lines == written && saw.edited_buffer == value{buffer});

    // It calls this end while this end's call waits.
    auto const evaluate = [&](std::string const& expression) {
        return neovim.async_call<value>("nvim_eval", std::tuple{expression}, asio::use_awaitable);
    };
    value const product = co_await evaluate("rpcrequest(" + channel + ", 'multiply', 6, 7)");
    expect("it was answered", product == value{42});
    value const same =
        co_await evaluate("rpcrequest(" + channel + ", 'same', {'a': [1, 2.5, v:null, v:true]})");
    expect("values come back", same == value{object{{"a", array{1, 2.5, nullptr, true}}}});
    rpc::outcome<value> const refused = co_await evaluate("rpcrequest(" + channel + ", 'refuse')");
    expect("an error of this end reaches it",
           !refused.has_value() && // it shows text of its own form only
               refused.error().message.find("'refuse'") != std::string::npos);
    (co_await evaluate("rpcnotify(" + channel + ", 'told', 'news')")).value();
    expect("it told something", saw.told == value{"news"});

    rpc::outcome<value> const unknown = co_await neovim.async_call<value>("nvim_nothing", std::tuple{}, use);
    expect("its errors are understood",
           !unknown.has_value() && unknown.error().message.find("nvim_nothing") != std::string::npos);
    neovim.notify("nvim_command", std::tuple{"qall!"});
}

} // namespace

int main(int argc, char** argv)
{
    asio::io_context io{1};
    witness saw;
    return argc == 2 ? oizys::test::run(io, talk(argv[1], saw)) : 2;
}
