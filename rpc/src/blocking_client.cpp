// SPDX-License-Identifier: BSL-1.0
#include <oizys/rpc/blocking_client.hpp>

#include <oizys/rpc/service.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <stdexcept>
#include <thread>

namespace oizys::rpc
{

class blocking_client::impl
{
public:
    impl(endpoint const& where, service const* served, client_options const& options)
    {
        boost::system::error_code failed;
        auto const on_connected = [&](boost::system::error_code ec, peer connected) {
            failed = ec;
            peer_ = std::move(connected);
            io_.stop();
        };
        detail::start_connect(io_.get_executor(), where, served, options, nullptr,
                              detail::peer_handler{on_connected});
        io_.run();
        io_.restart();
        if (failed)
            throw boost::system::system_error{failed, "oizys::rpc::blocking_client: " + where.to_string()};
        thread_ = std::thread{[this] { io_.run(); }};
    }

    ~impl()
    {
        // What was queued is still sent: the loop ends when the connection is closed.
        boost::asio::post(io_, [this] {
            peer_.close(); // a method of ours may have kept a copy
            peer_ = {};
            work_.reset();
        });
        thread_.join();
    }

    impl(impl const&) = delete;
    impl& operator=(impl const&) = delete;

    using done = std::shared_ptr<std::promise<void>>;

    /// Runs `start` on the client's thread and waits until it has settled the promise that it is given.
    template <class Start>
    void run(Start start)
    {
        if (std::this_thread::get_id() == thread_.get_id())
            throw std::logic_error{
                "oizys: a method served by a blocking_client calls it, and would wait for itself"};
        // Shared, because it is still being used over there when this thread is already awake.
        auto const settled = std::make_shared<std::promise<void>>();
        boost::asio::post(io_, [&start, this, settled] {
            try
            {
                start(peer_, settled);
            }
            catch (...)
            {
                settled->set_exception(std::current_exception());
            }
        });
        settled->get_future().get();
    }

private:
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
    peer peer_;
    std::thread thread_;
};

blocking_client::blocking_client(endpoint const& where, client_options const& options)
    : impl_{std::make_unique<impl>(where, nullptr, options)}
{
}

blocking_client::blocking_client(endpoint const& where, service const& served, client_options const& options)
    : impl_{std::make_unique<impl>(where, &served, options)}
{
}

blocking_client::~blocking_client() = default;

void blocking_client::run_call(std::string_view method, function_ref<void(writer&)> arguments,
                               std::optional<std::chrono::milliseconds> timeout,
                               function_ref<void(call_end const&)> on_end)
{
    impl_->run([&](peer& to, impl::done const& done) {
        auto const settle = [on_end, done](call_end const& end) {
            try
            {
                on_end(end);
                done->set_value();
            }
            catch (...)
            {
                done->set_exception(std::current_exception());
            }
        };
        detail::send_request(to.impl_, method, arguments, {.timeout = timeout}, settle);
    });
}

void blocking_client::run_notify(std::string_view method, function_ref<void(writer&)> arguments)
{
    boost::system::error_code ec;
    impl_->run([&](peer& to, impl::done const& done) {
        ec = to.send_notification(method, arguments);
        done->set_value();
    });
    if (ec)
        throw boost::system::system_error{ec, "oizys::rpc::blocking_client::notify"};
}

} // namespace oizys::rpc
