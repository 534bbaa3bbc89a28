// SPDX-License-Identifier: BSL-1.0
//
// interop_clangd COMMAND   starts a language server and talks with it as an editor does: over its standard input and
// output, with Content-Length headers. It must find a mistake, explain a name, and end when it is told to.
#include "interop/expect.hpp"

#include <oizys/rpc/connect.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace asio = boost::asio;
namespace rpc = oizys::rpc;

using oizys::test::expect;
using rpc::array;
using rpc::object;
using rpc::value;

namespace
{

constexpr char uri[] = "file:///tmp/oizys-interop.cpp";
constexpr char source[] = "int answer = 42;\nint other = answr;\n";

/// What clangd tells without being asked, and how it ends.
struct witness
{
    rpc::peer clangd;
    std::optional<value> mistakes;                  ///< of the file
    std::unique_ptr<asio::steady_timer> until_told; ///< ends early when they are known
    std::optional<int> ended;
};

asio::awaitable<void> talk(std::string command, witness& saw)
{
    rpc::service editor;
    editor.method("textDocument/publishDiagnostics", [&saw](object const& told) {
        if (auto const* const list = told.find("diagnostics"))
            saw.mistakes = *list;
        saw.until_told->cancel();
    });
    auto const executor = co_await asio::this_coro::executor;
    saw.until_told = std::make_unique<asio::steady_timer>(executor, std::chrono::seconds{60});

    rpc::client_options options;
    options.peer.extensions = rpc::extensions::lsp;
    oizys::connect_extras extras;
    extras.exec.on_exit = [&saw](int status) { saw.ended = status; };
    auto const where = "exec?framing=content_length:" + command;
    auto& clangd = saw.clangd;
    clangd = co_await rpc::async_connect(executor, where, editor, options, extras, asio::use_awaitable);

    object const hello{{"processId", nullptr}, {"rootUri", nullptr}, {"capabilities", object{}}};
    value const about = co_await clangd.async_call<value>("initialize", hello, asio::use_awaitable);
    expect("it explains names", about["capabilities"]["hoverProvider"] == value{true});
    expect("it is clangd", about["serverInfo"]["name"] == value{"clangd"});
    clangd.notify("initialized", object{});

    clangd.notify("textDocument/didOpen",
                  object{{"textDocument",
                          object{{"uri", uri}, {"languageId", "cpp"}, {"version", 1}, {"text", source}}}});
    object const place{{"textDocument", object{{"uri", uri}}},
                       {"position", object{{"line", 0}, {"character", 5}}}};
    value const hover = co_await clangd.async_call<value>("textDocument/hover", place, asio::use_awaitable);
    auto const& text = hover["contents"]["value"].as<std::string>();
    expect("the name is explained", text.find("answer") != std::string::npos);

    if (!saw.mistakes)
    {
        boost::system::error_code told;
        co_await saw.until_told->async_wait(asio::redirect_error(asio::use_awaitable, told));
    }
    expect("it told of the file", saw.mistakes.has_value());
    auto const& mistake = (*saw.mistakes)[0]["message"];
    expect("the mistake was found", mistake.as<std::string>().find("'answr'") != std::string::npos);

    object const empty;
    rpc::outcome<value> const unknown =
        co_await clangd.async_call<value>("no/such", empty, asio::use_awaitable);
    expect("an unknown method is refused", !unknown.has_value() && unknown.error().code == -32601);

    rpc::outcome<value> const nothing =
        co_await clangd.async_call<value>("shutdown", empty, asio::use_awaitable);
    expect("it is ready to end", nothing.has_value() && nothing.value().is_null());
    clangd.notify("exit", empty);
}

} // namespace

int main(int argc, char** argv)
{
    asio::io_context io{1};
    witness saw;
    if (argc != 2 || oizys::test::run(io, talk(argv[1], saw)) != 0)
        return 1;
    // All has come to its end.
    std::cout << "clangd ended with " << saw.ended.value_or(-1) << '\n';
    return saw.ended == 0 ? 0 : 1;
}
