// SPDX-License-Identifier: BSL-1.0
#include <oizys/rpc/batch.hpp>

#include "outgoing_batch.hpp"
#include "peer_impl.hpp"

#include <oizys/error.hpp>

#include <string_view>
#include <utility>

namespace oizys::rpc
{
namespace detail
{

void peer_impl::end_unsent(std::span<std::uint32_t const> ids, boost::system::error_code why)
{
    for (auto const id : ids)
        if (auto on_end = pending_.extract(id))
        {
            unwatch(id);
            post_end(std::move(on_end), why);
        }
}

// JSON-RPC: as few arrays as their length and max_batch allow. MessagePack-RPC has no batches, but what is sent in one turn
// leaves in one write. A call that has ended meanwhile is left out.
void peer_impl::send_batch(outgoing_batch& batch)
{
    bool const json = protocol_ == protocol::json;
    std::string message;
    std::vector<std::uint32_t> ids;
    std::size_t count = 0;
    auto const flush = [&] {
        if (message.empty())
            return;
        if (json)
            message.push_back(']');
        boost::system::error_code ec;
        session_->send(message, ec);
        if (ec)
            end_unsent(ids, ec == oizys::errc::message_too_large ? errc::bad_arguments : errc::not_sent);
        message.clear();
        ids.clear();
        count = 0;
    };
    std::size_t begin = 0;
    for (auto const& [end, id] : std::exchange(batch.elements, {}))
    {
        auto const element = std::string_view{batch.text}.substr(begin, end - begin);
        begin = end;
        if (id && !pending_.waits(*id))
            continue;
        if (!json || count == options_->max_batch ||
            message.size() + element.size() + 2 > session_->max_message())
            flush();
        if (json)
            message.push_back(message.empty() ? '[' : ',');
        message.append(element);
        ++count;
        if (id)
            ids.push_back(*id);
    }
    flush();
    batch.text.clear();
}

void peer_impl::drop_batch(outgoing_batch& batch)
{
    for (auto const& element : std::exchange(batch.elements, {}))
        if (element.id)
            end_unsent({&*element.id, 1}, errc::not_sent);
    batch.text.clear();
}

} // namespace detail

batch::batch(rpc::peer to) : peer_{std::move(to)}, calls_{std::make_unique<detail::outgoing_batch>()} {}
batch::batch(batch&&) noexcept = default;

batch::~batch()
{
    if (!calls_)
        return;
    try
    {
        peer_.impl_->drop_batch(*calls_);
    }
    catch (...) // out of memory: the calls end by their timeouts
    {
    }
}

boost::system::error_code batch::put_notification(std::string_view method,
                                                  function_ref<void(writer&)> arguments)
{
    return peer_.impl_->send_notification(method, arguments, calls_.get());
}

std::shared_ptr<detail::peer_impl> const& batch::impl() const noexcept { return peer_.impl_; }

void batch::send() { peer_.impl_->send_batch(*calls_); }
std::size_t batch::size() const noexcept { return calls_->elements.size(); }

} // namespace oizys::rpc
