// SPDX-License-Identifier: BSL-1.0
//
// How methods fail, and how callers are told. docs/guide/errors.md shows it.
#include "both_ends.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/system/result.hpp>

#include <string>

namespace rpc = oizys::rpc;
using boost::asio::as_tuple;
using boost::asio::awaitable;
using boost::asio::use_awaitable;

constexpr int no_such_book = 1; // the application's own codes are outside -32768 to -32000

struct not_found
{
    std::string title;
};

boost::system::result<int> pages_of(std::string const& title)
{
    if (title != "Ulysses")
        return make_error_code(boost::system::errc::no_such_file_or_directory);
    return 732;
}

void add_methods(rpc::service& library)
{
    library.method("pages", {"title"}, pages_of);
    library.method("lend", {"title"}, [](std::string const& title) {
        throw rpc::error{no_such_book, "no such book", rpc::object{{"title", title}}};
    });
    library.method("shelf", {"title"}, [](std::string const& title) -> int { throw not_found{title}; });
    library.map_error<not_found>([](not_found const& e) {
        return rpc::error_object{no_such_book, "no such book: " + e.title};
    });
}

awaitable<void> call_them(rpc::peer& library)
{
    auto const title = std::tuple{"Emma"};
    for (auto const* const method : {"pages", "lend", "shelf", "burn"})
    {
        auto [ec, answer] = co_await library.async_call<int>(method, title, as_tuple(use_awaitable));
        if (ec) // there is no answer, or none that can be used
            std::cout << method << ": " << ec.message() << '\n';
        else if (!answer.has_value()) // an error was the answer
            std::cout << method << ": " << answer.error().code << ' ' << answer.error().message << '\n';
        else
            std::cout << method << ": " << *answer << '\n';
    }
}

awaitable<void> call_and_catch(rpc::peer& library)
{
    auto const title = std::tuple{"Emma"};
    try
    {
        int const pages = co_await library.async_call<int>("pages", title, use_awaitable);
        std::cout << pages << " pages\n";
    }
    catch (rpc::error const& e) // an error was the answer
    {
        std::cout << "caught " << e.code() << '\n';
    }
    catch (boost::system::system_error const& e) // there is no answer
    {
        std::cout << "caught " << e.code().message() << '\n';
    }
}

int main()
{
    boost::asio::io_context io{1};
    rpc::service library;
    add_methods(library);
    example::run_both(io, library, [](rpc::peer& peer) -> awaitable<void> {
        co_await call_them(peer);
        co_await call_and_catch(peer);
    });
}
