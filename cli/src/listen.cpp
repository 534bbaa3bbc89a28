// SPDX-License-Identifier: BSL-1.0
//
// oizys listen: prints each message that arrives, and answers nothing.
#include "arrivals.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "conversation.hpp"
#include "message_printer.hpp"
#include "option.hpp"
#include "tell.hpp"

#include <map>

namespace asio = boost::asio;

namespace oizys::cli
{
namespace
{

struct listen_arguments
{
    std::string endpoint;
    std::uint64_t count = 0;
    message_printer printer;
};

class listen_program
{
public:
    explicit listen_program(listen_arguments& arguments)
        : arguments_{arguments}
        , arrivals_{
              io_,
              arguments.endpoint,
              {.on_session = [this](std::uint32_t n, std::shared_ptr<session> s) { add(n, std::move(s)); },
               .on_stop = [this] { close_all(); }}}
    {
    }

    void run() { io_.run(); }

private:
    void add(std::uint32_t number, std::shared_ptr<session> s)
    {
        sessions_[number] = s;
        tell('#' + std::to_string(number) + " connected");
        s->set_onclose([this, number](boost::system::error_code why) {
            tell('#' + std::to_string(number) + " ended: " + (why ? why.message() : "closed here"));
            sessions_.erase(number);
        });
        s->set_onreceive([this, watched = conversation{number}](incoming& arrived) mutable {
            if (arguments_.count > 0 && seen_ == arguments_.count)
                return;
            arguments_.printer.print(
                watched.on_message(direction::to_server, arrived.view(), std::chrono::system_clock::now()));
            if (++seen_ == arguments_.count)
                arrivals_.stop();
        });
    }

    void close_all()
    {
        for (auto const& [number, s] : sessions_)
            s->close();
    }

    listen_arguments& arguments_;
    asio::io_context io_{1};
    std::map<std::uint32_t, std::shared_ptr<session>> sessions_;
    std::uint64_t seen_ = 0;
    arrivals arrivals_;
};

} // namespace

void add_listen(CLI::App& app, command_line& line)
{
    auto const arguments = std::make_shared<listen_arguments>();
    auto* const command = app.add_subcommand("listen", "print each message that arrives; answer nothing");
    command->add_option("ENDPOINT", arguments->endpoint, "where to listen")->required();
    add_count(*command, "--count", arguments->count, "end after so many messages; 0: on SIGINT", 0,
              UINT64_MAX);
    arguments->printer.add_options(*command);
    command->callback([&line, arguments] {
        line.run = [arguments] {
            listen_program{*arguments}.run();
            return 0;
        };
    });
}

} // namespace oizys::cli
