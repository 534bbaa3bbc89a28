// SPDX-License-Identifier: BSL-1.0
//
// A service whose clients plug in what it calls back. docs/tutorial.md shows it.
#include <oizys/rpc/call_context.hpp>
#include <oizys/rpc/coroutine.hpp>
#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace rpc = oizys::rpc;
using boost::asio::awaitable;
using boost::asio::use_awaitable;

int count_words(std::string const& text)
{
    std::istringstream words{text};
    return static_cast<int>(
        std::distance(std::istream_iterator<std::string>{words}, std::istream_iterator<std::string>{}));
}

// Codes of this application; -32768 to -32000 belong to the protocol.
constexpr int no_such_filter = 1;
constexpr int filter_failed = 2;
constexpr int name_taken = 3;

class filters
{
public:
    void plug_in(rpc::call_context& call, std::string const& name)
    {
        if (!plugins_.emplace(name, call.caller()).second)
            throw rpc::error{name_taken, "there is a filter of that name"};
    }

    awaitable<std::string> apply(rpc::call_context& call, std::string filter, std::string text)
    {
        auto const found = plugins_.find(filter);
        if (found == plugins_.end())
            throw rpc::error{no_such_filter, "no such filter: " + filter};
        auto plugin = found->second;
        auto const arguments = std::tuple{std::move(text)};
        std::string changed =
            co_await plugin.async_call<std::string>("filter", arguments, {.within = &call}, use_awaitable);
        co_return changed;
    }

    std::vector<std::string> names() const
    {
        std::vector<std::string> all;
        for (auto const& [name, plugin] : plugins_)
            all.push_back(name);
        return all;
    }

    void forget_closed()
    {
        std::erase_if(plugins_, [](auto const& each) { return !each.second.is_open(); });
    }

private:
    std::map<std::string, rpc::peer> plugins_;
};

int main()
{
    boost::asio::io_context io{1};
    filters all;
    rpc::service text;
    text.method("count", {"text"}, count_words);
    text.method("plug_in", {"name"}, &filters::plug_in, &all);
    text.method("apply", {"filter", "text"}, &filters::apply, &all);
    text.method("filters", &filters::names, &all);
    text.map_error<boost::system::system_error>([](boost::system::system_error const& e) {
        return rpc::error_object{filter_failed, "the filter did not answer: " + e.code().message()};
    });

    rpc::server server{io.get_executor(), text};
    server.set_onpeer([&](rpc::peer client) {
        client.set_onclose([&](boost::system::error_code) { all.forget_closed(); });
    });
    server.listen("unix:text.sock?negotiate=1");
    io.run();
}
