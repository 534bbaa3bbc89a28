// SPDX-License-Identifier: BSL-1.0
//
// Many to many: whoever has joined is told who joins, who leaves, and what the others say.
#include "common/command_line.hpp"

#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <algorithm>
#include <csignal>

namespace asio = boost::asio;
namespace rpc = oizys::rpc;

namespace
{

enum error_code : int
{
    name_taken = 1,
    joined_already = 2,
    not_joined = 3,
};

class room
{
public:
    /// Returns the names of those who are there.
    std::vector<std::string> join(rpc::peer who, std::string const& name)
    {
        if (std::ranges::find(members_, who, &member::peer) != members_.end())
            throw rpc::error{joined_already, "you have joined already"};
        if (std::ranges::find(members_, name, &member::name) != members_.end())
            throw rpc::error{name_taken, "this name is taken", name};
        std::vector<std::string> names;
        for (auto const& m : members_)
            names.push_back(m.name);
        tell_all("joined", std::tuple{name});
        who.set_onclose([this, name](boost::system::error_code) { leave(name); });
        members_.push_back({std::move(who), name});
        return names;
    }

    void say(rpc::peer const& who, std::string const& text)
    {
        auto const speaker = std::ranges::find(members_, who, &member::peer);
        if (speaker == members_.end())
            throw rpc::error{not_joined, "join first"};
        tell_all("said", std::tuple{speaker->name, text});
    }

private:
    struct member
    {
        rpc::peer peer;
        std::string name;
    };

    void leave(std::string const& name)
    {
        std::erase_if(members_, [&](member const& m) { return m.name == name; });
        tell_all("left", std::tuple{name});
    }

    // Who cannot be told is about to leave; the error that says so is of no interest here.
    template <class Arguments>
    void tell_all(std::string_view what, Arguments const& arguments)
    {
        for (auto& m : members_)
            m.peer.notify(what, arguments);
    }

    std::vector<member> members_;
};

} // namespace

int main(int argc, char** argv)
try
{
    CLI::App app{"Serves a chat room until SIGINT or SIGTERM."};
    std::string endpoint;
    app.add_option("--listen", endpoint, "unix:/path, unix:@name or tcp:host:port")->required();
    example::parse(app, argc, argv);

    asio::io_context io{1};
    room lobby;
    rpc::service chat;
    chat.method("join", {"name"}, [&](rpc::call_context& call, std::string const& name) {
        return lobby.join(call.caller(), name);
    });
    chat.method("say", {"text"},
                [&](rpc::call_context& call, std::string const& text) { lobby.say(call.caller(), text); });
    rpc::server server{io.get_executor(), chat};
    auto const where = server.listen(endpoint).to_string();

    asio::signal_set signals{io, SIGINT, SIGTERM};
    signals.async_wait([&](boost::system::error_code, int) { server.close(); });
    std::cout << "ready: " << where << std::endl;
    io.run();
}
catch (std::exception const& e)
{
    return example::report(e);
}
