// SPDX-License-Identifier: BSL-1.0
//
// Writes the notifications of the extensions that belong to one call.
#pragma once

#include "protocol/envelope.hpp"
#include "protocol/notice.hpp"

#include <oizys/function_ref.hpp>
#include <oizys/rpc/codec/writer.hpp>

#include <string>
#include <string_view>

namespace oizys::rpc::detail
{

/// `about` is the call's id, or the token of its progress, encoded. Whether the protocol has a form for the value.
template <class Protocol>
bool put_notice(std::string& out, notice what, std::string_view about, codec_limits limits,
                function_ref<void(writer&)> value)
{
    bool const begun = Protocol::begin_notification(out, name_of(what));
    typename Protocol::writer w{out, within(limits, Protocol::envelope_depth)};
    if (what == notice::lsp_progress)
    {
        w.begin_object(2);
        w.write_key("token");
        w.write_raw(about);
        w.write_key("value");
        value(w);
        w.end_object();
    }
    else
    {
        w.begin_array(2);
        w.write_raw(about);
        value(w);
        w.end_array();
    }
    Protocol::end_request(out);
    return begun && !w.failed();
}

} // namespace oizys::rpc::detail
