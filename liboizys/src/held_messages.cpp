// SPDX-License-Identifier: BSL-1.0
#include "held_messages.hpp"

#include "wire/receive_buffer.hpp"

#include <utility>

namespace oizys::detail
{
namespace
{

std::size_t cost_of(received_message const& message) noexcept { return sizeof message + message.view.size(); }

} // namespace

void held_messages::add(received_message&& message, std::string* own)
{
    auto const view = message.view;
    bool const lies_in_frame = !message.shared && view.data() != message.own.data();
    auto& kept = queue_.emplace_back(std::move(message));
    if (lies_in_frame && own != nullptr && own->data() == view.data() && own->size() == view.size())
        kept.own = std::move(*own);
    else if (lies_in_frame)
    {
        kept.own.reserve(view.size() + wire::receive_buffer::padding);
        kept.own = view;
    }
    kept.view = kept.shared ? kept.shared->view() : kept.own;
    bytes_ += cost_of(kept);
    descriptors_ += kept.descriptors.size();
}

received_message held_messages::take()
{
    auto message = std::move(queue_.front());
    queue_.pop_front();
    message.view = message.shared ? message.shared->view() : message.own;
    bytes_ -= cost_of(message);
    descriptors_ -= message.descriptors.size();
    return message;
}

} // namespace oizys::detail
