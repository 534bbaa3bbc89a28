// SPDX-License-Identifier: BSL-1.0
//
// oizys monitor: stands between clients and a server, and shows each message that passes.
#include "arrivals.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "message_printer.hpp"
#include "recorder.hpp"
#include "relay.hpp"
#include "tell.hpp"

#include <CLI/App.hpp>

#include <map>
#include <memory>

namespace asio = boost::asio;

namespace oizys::cli
{
namespace
{

struct monitor_arguments
{
    std::string endpoint;
    std::string through;
    std::string record;
    message_printer printer;
};

class monitor_program
{
public:
    explicit monitor_program(monitor_arguments& arguments)
        : arguments_{arguments}
        , server_{arguments.through}
        , recorder_{arguments.record.empty()
                        ? nullptr
                        : std::make_unique<recorder>(io_.get_executor(), arguments.record)}
        , arrivals_{
              io_,
              arguments.endpoint,
              {.on_session = [this](std::uint32_t n, std::shared_ptr<session> s) { add(n, std::move(s)); },
               .on_stop = [this] { close_all(); }}}
    {
    }

    void run()
    {
        io_.run();
        if (recorder_)
            recorder_->finish();
    }

private:
    void add(std::uint32_t number, std::shared_ptr<session> client)
    {
        tell('#' + std::to_string(number) + " connected");
        note(number, record_kind::opened);
        auto watched = std::make_shared<conversation>(number);
        auto const added = std::make_shared<relay>(
            std::move(client),
            relay::handlers{.on_message =
                                [this, number, watched](direction way, std::string_view message) {
                                    note(number,
                                         way == direction::to_server ? record_kind::to_server
                                                                     : record_kind::to_client,
                                         message);
                                    arguments_.printer.print(
                                        watched->on_message(way, message, std::chrono::system_clock::now()));
                                },
                            .on_end =
                                [this, number](std::string_view why) {
                                    tell('#' + std::to_string(number) + " ended: " + std::string{why});
                                    note(number, record_kind::closed);
                                    relays_.erase(number);
                                    if (stopped_ && relays_.empty() && recorder_)
                                        recorder_->stop();
                                }});
        relays_[number] = added;
        added->start(server_);
    }

    void note(std::uint32_t number, record_kind kind, std::string_view message = {})
    {
        if (recorder_)
            recorder_->add(number, kind, message);
    }

    void close_all()
    {
        stopped_ = true;
        if (relays_.empty() && recorder_)
            recorder_->stop();
        for (auto const& [number, one] : relays_)
            one->close();
    }

    monitor_arguments& arguments_;
    endpoint server_;
    asio::io_context io_{1};
    std::unique_ptr<recorder> recorder_;
    std::map<std::uint32_t, std::shared_ptr<relay>> relays_;
    bool stopped_ = false;
    arrivals arrivals_;
};

} // namespace

void add_monitor(CLI::App& app, command_line& line)
{
    auto const arguments = std::make_shared<monitor_arguments>();
    auto* const command =
        app.add_subcommand("monitor", "stand between clients and a server; show what passes");
    command->add_option("ENDPOINT", arguments->endpoint, "where to listen, for the clients")->required();
    command->add_option("--through", arguments->through, "where the server listens")
        ->required()
        ->type_name("ENDPOINT");
    command->add_option("--record", arguments->record, "write all messages to a file, for oizys replay")
        ->type_name("FILE.zst");
    arguments->printer.add_options(*command);
    command->callback([&line, arguments] {
        line.run = [arguments] {
            monitor_program{*arguments}.run();
            return 0;
        };
    });
}

} // namespace oizys::cli
