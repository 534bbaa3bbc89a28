// SPDX-License-Identifier: BSL-1.0
//
// oizys serve: shell commands as methods.
#include "child_pool.hpp"
#include "command_line.hpp"
#include "command_method.hpp"
#include "commands.hpp"
#include "failure.hpp"
#include "option.hpp"
#include "print_value.hpp"
#include "tell.hpp"

#include <oizys/rpc/server.hpp>
#include <oizys/rpc/service.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <map>

namespace asio = boost::asio;

namespace oizys::cli
{
namespace
{

struct serve_arguments
{
    std::string endpoint;
    std::vector<std::string> methods;
    double timeout = 30;
    std::uint64_t max_running = 16;
    std::uint64_t max_waiting = 256;
    std::uint64_t max_output = 16u << 20;
};

rpc::server_options options()
{
    rpc::server_options o;
    o.listener.log = log_to_stderr(log_level::warning);
    return o;
}

class serve_program
{
public:
    explicit serve_program(serve_arguments const& arguments)
        : arguments_{arguments}, pool_{arguments.max_running, arguments.max_waiting}
    {
        for (auto const& word : arguments.methods)
            add(command_method{word});
    }

    void run()
    {
        rpc::server server{io_.get_executor(), service_, options()};
        auto const where = server.listen(arguments_.endpoint);
        asio::signal_set signals{io_, SIGINT, SIGTERM};
        signals.async_wait([&](boost::system::error_code cancelled, int) {
            if (cancelled)
                return;
            stopping_ = true;
            pool_.clear();
            for (auto const& [number, child] : children_)
                child->stop();
            close_if_idle(server);
        });
        on_ended_ = [&] { close_if_idle(server); };
        server.set_onclose([&] { signals.cancel(); });
        tell("ready: " + where.to_string());
        io_.run();
    }

private:
    /// After a signal, callers are told how their commands ended.
    void close_if_idle(rpc::server& server)
    {
        if (stopping_ && children_.empty())
            server.close();
    }

    using reply = rpc::reply<rpc::value>;

    void add(command_method const& method)
    try
    {
        service_.method(method.name, [this, method](reply answer, rpc::all<rpc::value> parameters) {
            if (parameters.value.is_null()) // the call has none
                parameters.value = rpc::array{};
            call(method, std::make_shared<reply>(std::move(answer)), parameters.value);
        });
    }
    catch (std::invalid_argument const& e)
    {
        throw failure{usage, e.what()};
    }

    void call(command_method const& method, std::shared_ptr<reply> const& answer,
              rpc::value const& parameters)
    try
    {
        shell_command command{.text = method.command,
                              .arguments = words_of(parameters),
                              .input = compact(parameters) + '\n',
                              .timeout = to_milliseconds(arguments_.timeout),
                              .max_output = arguments_.max_output};
        command.arguments.insert(command.arguments.begin(), method.name);
        auto const bytes = command.input.size() * 2; // the arguments are the same again
        bool const has_room = !stopping_ && pool_.run(bytes, [this, name = method.name, command, answer] {
            start(name, command, answer);
        });
        if (!has_room)
            std::move(*answer).error({.code = rpc::too_many_calls, .message = "too many commands wait"});
    }
    catch (rpc::error const& e)
    {
        std::move(*answer).error(e.object());
    }

    void start(std::string const& method, shell_command const& command, std::shared_ptr<reply> const& answer)
    {
        auto const number = ++started_;
        try
        {
            children_[number] =
                shell_child::start(io_.get_executor(), command, [=, this](shell_outcome const& outcome) {
                    give(*answer, answer_of(method, outcome));
                    ended(number);
                });
        }
        catch (boost::system::system_error const& e)
        {
            give(*answer,
                 rpc::error_object{.code = rpc::internal_error,
                                   .message = method + ": cannot be started: " + e.code().message()});
            asio::post(io_, [this, number] { ended(number); }); // not from within the start of the next one
        }
    }

    static void give(reply& answer, rpc::outcome<rpc::value> const& outcome)
    {
        if (outcome.has_value())
            std::move(answer)(outcome.value());
        else
            std::move(answer).error(outcome.error());
    }

    void ended(std::uint64_t number)
    {
        children_.erase(number);
        pool_.ended();
        on_ended_();
    }

    serve_arguments const& arguments_;
    asio::io_context io_{1};
    rpc::service service_;
    child_pool pool_;
    std::map<std::uint64_t, std::shared_ptr<shell_child>> children_;
    std::uint64_t started_ = 0;
    std::function<void()> on_ended_;
    bool stopping_ = false;
};

constexpr auto footer =
    R"(Each call runs `sh -c COMMAND NAME ARG...`: the arguments are "$1", "$2" and so on, strings as they are and anything
else as JSON. They never become a part of the command, so nothing in them is run by the shell; quote them as "$1", and
put -- in front of what may begin with -. All parameters also come on standard input, as one JSON array, or an
object where they have names, and a line feed; named ones are no arguments.

What the command prints is the result: JSON, or else text without its last line feed; null if it prints nothing. An exit
status other than 0 is an error of that code, with what was printed on standard error in its data; 124 is a command that
took too long, 128 + n one that signal n has ended.

Example: oizys serve unix:/tmp/files.sock 'count=wc -l < "$1"' 'list=ls -- "$1" | jq -R . | jq -s .')";

} // namespace

void add_serve(CLI::App& app, command_line& line)
{
    auto const arguments = std::make_shared<serve_arguments>();
    auto* const command = app.add_subcommand("serve", "serve shell commands as methods");
    command->add_option("ENDPOINT", arguments->endpoint, "where to listen")->required();
    command->add_option("METHOD", arguments->methods, "a method and the shell command behind it")
        ->required()
        ->type_name("NAME=COMMAND");
    add_seconds(*command, "--timeout", arguments->timeout, "for one command; 0: none");
    add_count(*command, "--max-running", arguments->max_running, "commands at once", 1, 4096);
    add_count(*command, "--max-waiting", arguments->max_waiting, "calls that wait for that; more are refused",
              0, 65536);
    add_count(*command, "--max-output", arguments->max_output, "bytes that a command may print", 1, 1u << 30);
    command->footer(footer);
    command->callback([&line, arguments] {
        line.run = [arguments] {
            std::signal(SIGPIPE, SIG_IGN); // a command may end before it has read its input
            serve_program{*arguments}.run();
            return 0;
        };
    });
}

} // namespace oizys::cli
