// SPDX-License-Identifier: BSL-1.0
#include "batch_answer.hpp"

#include "peer_impl.hpp"
#include "protocol/jsonrpc.hpp"

namespace oizys::rpc::detail
{

std::optional<std::int64_t> batch_answer::add(std::string_view id, std::string_view encoded)
{
    // So that no batch takes more memory than one message, room is kept for the errors of the other requests.
    constexpr std::size_t error_size = 160; // bytes; ids are nearly always short
    text_.push_back(text_.empty() ? '[' : ',');
    --left_;
    bool const fits = text_.size() + encoded.size() + 1 + error_size * left_ <= max_message_;
    std::optional<std::int64_t> replaced;
    if (fits && kept_.try_add(encoded.size()))
        text_.append(encoded);
    else
    {
        auto const error =
            fits ? error_object{too_many_calls, "too many calls wait for their answers"}
                 : error_object{result_too_large, "the answers to this batch are too long together"};
        auto const before = text_.size();
        jsonrpc::write_error(text_, id, error);
        kept_.add(text_.size() - before);
        replaced = error.code;
    }
    --expected_;
    send_if_complete();
    return replaced;
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
