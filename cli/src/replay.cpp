// SPDX-License-Identifier: BSL-1.0
//
// oizys replay: sends what clients sent when a recording was made, and compares the answers.
#include "client.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "failure.hpp"
#include "message_printer.hpp"
#include "option.hpp"
#include "recording.hpp"
#include "replay_inbox.hpp"
#include "text.hpp"
#include "zstd_file.hpp"

#include <oizys/connect.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iostream>
#include <map>

namespace asio = boost::asio;

namespace oizys::cli
{
namespace
{

using clock = std::chrono::steady_clock;

struct replay_arguments
{
    std::string file;
    std::string endpoint;
    double timeout = 30;
    bool timed = false;
    message_printer printer;
};

/// One connection of the recording, made again.
struct replayed
{
    replayed(std::uint32_t number, std::shared_ptr<session> s)
        : connection{std::move(s)}, watched{number}, arrived{connection->get_executor()}
    {
    }

    std::shared_ptr<session> connection;
    conversation watched;
    replay_inbox inbox{};
    asio::steady_timer arrived; ///< cancelled when something arrives, or the end
    bool ended = false;
};

class replay_program
{
public:
    explicit replay_program(replay_arguments& arguments) : arguments_{arguments}, file_{arguments.file} {}

    asio::awaitable<int> run();

private:
    asio::awaitable<void> perform(record next);
    asio::awaitable<void> connect(std::uint32_t number);
    asio::awaitable<void> compare(record recorded);
    void send(record const& next);
    std::shared_ptr<replayed> find(std::uint32_t number);
    /// Reads until there is a record, or the end.
    std::optional<record> next_record();
    void print(replayed& on, direction way, std::string_view message)
    {
        arguments_.printer.print(on.watched.on_message(way, message, std::chrono::system_clock::now()));
    }

    replay_arguments& arguments_;
    zstd_file_reader file_;
    recording_reader records_;
    std::map<std::uint32_t, std::shared_ptr<replayed>> connections_;
    std::size_t sent_ = 0;
    std::size_t compared_ = 0;
    std::size_t different_ = 0;
    bool missing_ = false;
};

std::optional<record> replay_program::next_record()
{
    for (;;)
    {
        auto next = records_.next();
        if (!next)
            throw failure{usage, arguments_.file + ": not a recording of oizys monitor"};
        if (*next)
            return *next;
        auto const more = file_.read();
        if (more.empty())
        {
            if (file_.was_cut_off() || !records_.at_boundary())
                std::cerr << "the recording was cut off; what is whole of it was replayed" << std::endl;
            return std::nullopt;
        }
        records_.feed(more);
    }
}

asio::awaitable<int> replay_program::run()
{
    auto const start = clock::now();
    asio::steady_timer pause{co_await asio::this_coro::executor};
    while (auto next = next_record())
    {
        if (arguments_.timed)
        {
            pause.expires_at(start + next->time);
            co_await pause.async_wait(asio::use_awaitable);
        }
        co_await perform(std::move(*next));
    }
    std::size_t unexpected = 0;
    for (auto const& [number, one] : connections_)
    {
        unexpected += one->inbox.size();
        one->connection->close();
    }
    std::cerr << sent_ << " messages sent, " << compared_ << " compared, " << different_ << " different, "
              << unexpected << " unexpected" << std::endl;
    co_return missing_ ? timed_out : different_ + unexpected > 0 ? error_answer : answered;
}

std::shared_ptr<replayed> replay_program::find(std::uint32_t number)
{
    auto const found = connections_.find(number);
    if (found == connections_.end())
        throw failure{usage, arguments_.file + ": messages of a connection that was not opened"};
    return found->second;
}

asio::awaitable<void> replay_program::perform(record next)
{
    switch (next.kind)
    {
    case record_kind::opened: co_await connect(next.connection); break;
    case record_kind::to_server: send(next); break;
    case record_kind::to_client: co_await compare(std::move(next)); break;
    case record_kind::closed: find(next.connection)->connection->close(); break;
    }
}

asio::awaitable<void> replay_program::connect(std::uint32_t number)
{
    connect_options options;
    options.timeout = to_milliseconds(arguments_.timeout);
    endpoint const where{arguments_.endpoint};
    auto const executor = co_await asio::this_coro::executor;
    auto [ec, made] =
        co_await oizys::async_connect(executor, where, options, asio::as_tuple(asio::use_awaitable));
    if (ec)
        throw failure{exit_code_of(ec), "cannot connect to " + arguments_.endpoint + ": " + ec.message()};

    auto const added = std::make_shared<replayed>(number, made);
    connections_[number] = added;
    std::weak_ptr const weak = added;
    made->set_onclose([weak](boost::system::error_code) {
        if (auto const self = weak.lock())
        {
            self->ended = true;
            self->arrived.cancel();
        }
    });
    made->set_onreceive([this, weak](incoming& message) {
        auto const self = weak.lock();
        if (!self)
            return;
        print(*self, direction::to_client, message.view());
        if (!self->inbox.add(message.take()))
            self->connection->close();
        self->arrived.cancel();
    });
}

void replay_program::send(record const& next)
{
    auto const on = find(next.connection);
    boost::system::error_code ec;
    on->connection->send(next.message, ec);
    if (ec)
        throw failure{no_connection, "#" + std::to_string(next.connection) + ": " + ec.message()};
    ++sent_;
    print(*on, direction::to_server, next.message);
}

asio::awaitable<void> replay_program::compare(record recorded)
{
    auto const on = find(recorded.connection);
    auto const until = arguments_.timeout > 0 ? clock::now() + to_milliseconds(arguments_.timeout)
                                              : clock::time_point::max();
    auto now = on->inbox.take(recorded.message);
    while (!now && !on->ended && clock::now() < until)
    {
        on->arrived.expires_at(until);
        co_await on->arrived.async_wait(asio::as_tuple(asio::use_awaitable)); // cancelled: something arrived
        now = on->inbox.take(recorded.message);
    }
    auto const name = "#" + std::to_string(recorded.connection);
    if (!now && on->ended)
        throw failure{no_connection, name + ": the server closed the connection"};
    ++compared_;
    if (now && same_content(*now, recorded.message))
        co_return;
    different_ += now ? 1 : 0;
    missing_ = missing_ || !now;
    auto const shown = [](std::string_view text) { return shortened(one_line(text), 400); };
    std::cerr << name << (now ? " different" : " missing") << "\n  recorded: " << shown(recorded.message)
              << '\n';
    if (now)
        std::cerr << "  now:      " << shown(*now) << '\n';
    std::cerr.flush();
}

} // namespace

void add_replay(CLI::App& app, command_line& line)
{
    auto const arguments = std::make_shared<replay_arguments>();
    auto* const command =
        app.add_subcommand("replay", "send again what was recorded, and compare the answers");
    command->add_option("FILE", arguments->file, "what oizys monitor --record wrote")
        ->required()
        ->type_name("FILE.zst");
    command->add_option("ENDPOINT", arguments->endpoint, "where the server listens")->required();
    add_seconds(*command, "--timeout", arguments->timeout, "for connecting, and for each answer; 0: none");
    command->add_flag("--timed", arguments->timed, "with the pauses of the recording");
    arguments->printer.add_options(*command);
    command->footer(
        "Each message of a client is sent when everything that the server sent before it in the recording "
        "has arrived\nagain. Messages from the server are compared with those that answer the same "
        "request, or are of the same\nmethod; what differs is printed on standard error.\n\n"
        "Exit codes: 0 all the same; 1 something differs; 2 the file cannot be used; 3 no connection; "
        "4 an answer is missing.\n\n" +
        command->get_footer());
    command->callback([&line, arguments] {
        line.run = [arguments] {
            replay_program program{*arguments};
            return run([&program] { return program.run(); });
        };
    });
}

} // namespace oizys::cli
