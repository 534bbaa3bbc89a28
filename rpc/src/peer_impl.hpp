// SPDX-License-Identifier: BSL-1.0
//
// The working part of a peer: takes messages from the session, looks up methods, matches answers. The two protocols
// differ only in the template parameter.
#pragma once

#include "core/budget.hpp"
#include "core/pending_calls.hpp"
#include "core/registry.hpp"
#include "deferred_answer.hpp"
#include "outgoing_batch.hpp"
#include "protocol/envelope.hpp"

#include <oizys/rpc/peer.hpp>
#include <oizys/rpc/progress.hpp>
#include <oizys/session.hpp>

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace oizys::rpc::detail
{

class batch_answer;

/// The token of the Language Server Protocol, encoded; empty if the parameters have none.
std::string_view lsp_progress_token(reader& params) noexcept;

/// Where the framing belongs to one protocol, so does the session; `otherwise` where it does not.
rpc::protocol protocol_for(framing f, rpc::protocol otherwise) noexcept;

class peer_impl final : public std::enable_shared_from_this<peer_impl>
{
public:
    peer_impl(std::shared_ptr<oizys::session> s, std::shared_ptr<registry> served,
              std::shared_ptr<peer_options const> options);
    ~peer_impl();
    peer_impl(peer_impl const&) = delete;
    peer_impl& operator=(peer_impl const&) = delete;

    /// Sets the session's handlers; once, when the shared_ptr to this exists.
    void start();

    std::optional<std::uint32_t> send_request(std::string_view method, function_ref<void(writer&)> arguments,
                                              call_options const& options, call_handler&& on_end,
                                              std::shared_ptr<call_watcher> const* items = nullptr,
                                              outgoing_batch* into = nullptr);
    boost::system::error_code send_notification(std::string_view method,
                                                function_ref<void(writer&)> arguments,
                                                outgoing_batch* into = nullptr);
    /// Sends a batch, or ends its calls because it never will be sent.
    void send_batch(outgoing_batch& batch);
    void drop_batch(outgoing_batch& batch);
    void cancel(std::uint32_t id);
    void set_onclose(unique_function<void(boost::system::error_code)> handler);
    /// For who keeps this peer: told last of all.
    void set_onended(unique_function<void()> handler) { onended_ = std::move(handler); }

    /// Sends a value that belongs to a call of the other end. What has no form, or no room, is not sent.
    template <class Protocol>
    void send_notice(notice what, std::string_view about, function_ref<void(writer&)> value);
    /// Tells the other end that more values of its stream are welcome.
    void send_credit(std::uint32_t id, std::uint32_t more);
    /// Streams that are sent are counted here.
    std::shared_ptr<budget> const& stream_places();
    void end_call(call_handler& on_end, call_end const& end);

    /// Keeps a call that is answered later, until it is forgotten.
    void keep(std::shared_ptr<deferred_answer::state> const& call);
    void forget(deferred_answer::state& call) noexcept;

    /// The extensions as they are in use: none, oizys or lsp.
    rpc::extensions extensions() const noexcept
    {
        auto const how = options_->extensions;
        if (how == rpc::extensions::detect)
            return other_is_oizys_ ? rpc::extensions::oizys : rpc::extensions::none;
        return how == rpc::extensions::lsp && protocol_ == rpc::protocol::msgpack ? rpc::extensions::none
                                                                                  : how;
    }
    /// What a request of the other end says of itself, if that is listened to. It is known to be oizys then.
    call_metadata const* heed(call_metadata const* metadata) noexcept
    {
        return metadata == nullptr ? nullptr : heed_some(metadata);
    }

    /// Sends an answer that is encoded already. `id` is empty if it answers a whole batch.
    /// @returns the code of the error that it was replaced by, if it is too long.
    std::optional<std::int64_t> send_answer(std::string_view encoded, std::string_view id);
    /// Sends what is queued and closes; while a message is being served, after it was answered.
    void close();
    /// Closes the connection at once because of `why`.
    void fail(boost::system::error_code why);

    oizys::session& session() const noexcept { return *session_; }
    peer_options const& options() const noexcept { return *options_; }
    rpc::protocol protocol() const noexcept { return protocol_; }
    std::size_t pending() const noexcept { return pending_.size(); }
    /// Of the message that is being looked at.
    std::size_t message_size() const noexcept { return message_size_; }
    /// What is kept for calls that are answered later is taken from this.
    std::shared_ptr<budget> const& unanswered();
    /// Who is at the other end, asked once.
    std::shared_ptr<oizys::credentials const> const& credentials();
    peer handle() { return peer{shared_from_this()}; }

    /// Writes an answer into the session's output, or into the batch that it belongs to.
    /// @returns the code of the error that was answered; nothing for a result.
    template <class Protocol>
    std::optional<std::int64_t> answer(batch_answer* batch, std::string_view id,
                                       function_ref<void(writer&)> write);
    template <class Protocol>
    std::optional<std::int64_t> answer_error(batch_answer* batch, std::string_view id,
                                             error_object const& error);

private:
    void on_message(incoming& message);
    void on_session_closed(boost::system::error_code why);

    template <class Protocol>
    void on_message(std::string_view text);
    template <class Protocol>
    void on_envelope(typename Protocol::decoder& in, envelope const& e,
                     std::shared_ptr<batch_answer> const& batch);
    template <class Protocol>
    void serve(typename Protocol::decoder& in, envelope const& e, std::shared_ptr<batch_answer> const& batch);
    template <class Protocol>
    bool on_extension(typename Protocol::decoder& in, envelope const& e);
    void cancel_served(std::string_view id, error_object const& why);
    void lose_served();
    template <class Protocol>
    void settle(typename Protocol::decoder& in, envelope const& e);

    /// A request or, without an id, a notification on its way out.
    struct outgoing
    {
        std::optional<std::uint32_t> id;
        std::string_view method;
        function_ref<void(writer&)> arguments;
        call_metadata const* metadata; ///< may be null
    };

    template <class Protocol>
    bool encode_call(std::string& encoded, outgoing const& call);
    template <class Protocol>
    boost::system::error_code write_call(outgoing const& call);
    boost::system::error_code write_call(outgoing const& call, outgoing_batch* into);
    boost::system::error_code put_call(outgoing const& call, outgoing_batch& into);
    void end_unsent(std::span<std::uint32_t const> ids, boost::system::error_code why);
    void ask_session() noexcept;
    call_metadata const* heed_some(call_metadata const* metadata) noexcept;
    /// What comes for calls of this end before their answers.
    struct watchers
    {
        std::weak_ptr<call_watcher> progress;
        std::weak_ptr<call_watcher> items;
    };
    void watch(std::uint32_t id, watchers who);
    std::chrono::milliseconds timeout_of(call_options const& options) const;
    static call_metadata metadata_of(call_options const& options, std::chrono::milliseconds timeout);
    template <class Protocol>
    void on_malformed();
    std::shared_ptr<service_hooks const> hooks() const { return methods_ ? methods_->hooks() : nullptr; }
    boost::system::error_code send_too_large(std::string_view id);

    method_entry const* find_method(std::string_view name);
    void post_end(call_handler on_end, boost::system::error_code why);
    void unwatch(std::uint32_t id) noexcept
    {
        if (watchers_)
            watchers_->erase(id);
    }
    void on_value(notice what, reader& params);
    void on_credit(std::string_view id, reader& params);
    /// Tells the other end that the call is not wanted any more, if it can be told.
    void send_cancel(std::uint32_t id);
    std::shared_ptr<std::uint64_t> end_within(call_context& outer_call, call_handler& on_end);
    /// Cancels the call when the outer one is.
    std::uint64_t cancel_with(cancellation& outer, std::uint32_t id);
    void watch_deadlines();
    void on_deadline();

    std::shared_ptr<oizys::session> session_;
    std::shared_ptr<registry> registry_;
    std::shared_ptr<peer_options const> options_;
    std::shared_ptr<method_table const> methods_; ///< as of methods_version_
    std::uint64_t methods_version_ = 0;
    method_entry const* last_method_ = nullptr; ///< of methods_: found last
    class pending_calls pending_;
    served_table served_;
    std::unique_ptr<std::unordered_map<std::uint32_t, watchers>>
        watchers_;                                          ///< made by the first that needs it
    std::shared_ptr<budget> stream_places_;                 ///< likewise
    std::shared_ptr<budget> unanswered_;                    ///< made by the first call that needs it
    std::shared_ptr<oizys::credentials const> credentials_; ///< likewise
    std::unique_ptr<boost::asio::steady_timer> timer_;      ///< made by the first call that has a deadline
    pending_calls::clock::time_point timer_expiry_ = pending_calls::clock::time_point::max();
    unique_function<void(boost::system::error_code)> onclose_;
    unique_function<void()> onended_;
    boost::system::error_code why_; ///< this end closed the connection
    std::size_t message_size_ = 0;
    bool closed_ = false;
    bool other_is_oizys_ = false; ///< that is known
    bool serving_ = false;        ///< a message is being looked at
    bool close_wanted_ = false;   ///< when that is done
    rpc::protocol protocol_;
};

} // namespace oizys::rpc::detail
