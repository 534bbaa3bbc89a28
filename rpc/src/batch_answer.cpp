// SPDX-License-Identifier: BSL-1.0
#include "batch_answer.hpp"

#include "peer_impl.hpp"

namespace oizys::rpc::detail
{

void batch_answer::add(std::string_view encoded)
{
    text_.push_back(text_.empty() ? '[' : ',');
    text_.append(encoded);
    --expected_;
    send_if_complete();
}

void batch_answer::end()
{
    ended_ = true;
    send_if_complete();
}

// A batch of nothing but notifications is not answered at all (JSON-RPC 2.0, section 6).
void batch_answer::send_if_complete()
{
    if (!ended_ || expected_ != 0 || text_.empty())
        return;
    text_.push_back(']');
    if (auto const peer = peer_.lock())
        peer->send_answer(text_, {});
}

} // namespace oizys::rpc::detail
