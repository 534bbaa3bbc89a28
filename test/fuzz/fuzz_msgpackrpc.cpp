// SPDX-License-Identifier: BSL-1.0
//
// Whole MessagePack-RPC conversations: the first byte says how, then each byte is the length of a message to a
// peer. All it says must be MessagePack-RPC, each request must be answered once, and each call must end once.
#include "fuzz/rpc_conversation.hpp"

#include <oizys/rpc/codec/msgpack.hpp>

#include <algorithm>
#include <optional>

using namespace oizys;
using namespace oizys::rpc;
using oizys::fuzz::require;

namespace
{

bool is_id(value const& v)
{
    auto const* const id = v.get_if<std::int64_t>();
    return id != nullptr && *id >= 0 && *id <= 0xffffffff;
}

/// The id of the answer that a message wants; nothing if it wants none or ends the connection.
std::optional<std::int64_t> wanted_answer(value const& v)
{
    auto const* const parts = v.get_if<array>();
    if (parts == nullptr || parts->size() < 2 || (*parts)[0] != value{0} || !is_id((*parts)[1]))
        return {};
    return *(*parts)[1].get_if<std::int64_t>();
}

/// The ids that the peer has answered.
std::vector<std::int64_t> answered(std::vector<std::string> const& messages)
{
    std::vector<std::int64_t> ids;
    for (auto const& message : messages)
    {
        auto const v = from_msgpack<value>(message);
        require(v.has_value() && v->size() >= 3);
        if ((*v)[0] == value{2})
        {
            auto const* const method = (*v)[1].get_if<std::string>();
            require(method != nullptr && method->starts_with("oizys.") && v->size() == 3);
            continue;
        }
        require(v->size() >= 4 && is_id((*v)[1]));
        if ((*v)[0] == value{0})
        {
            require((*v)[2] == value{"x"} && (*v)[3].kind() == kind::array);
            continue;
        }
        require((*v)[0] == value{1} && v->size() == 4);
        auto const& error = (*v)[2];
        require(error.is_null() || (error["code"].kind() == kind::integer && (*v)[3].is_null()));
        ids.push_back(*(*v)[1].get_if<std::int64_t>());
    }
    std::ranges::sort(ids);
    return ids;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    if (size == 0)
        return 0;
    fuzz::manner const how{data[0]};
    std::string_view rest{reinterpret_cast<char const*>(data) + 1, size - 1};
    fuzz::conversation with{protocol::msgpack, how};
    std::vector<std::int64_t> expected;
    bool known = how.framed; // without frames the framer says what a message is
    known = known && rest.find("credit") == std::string_view::npos &&
            rest.find("open") == std::string_view::npos; // streams may wait
    while (!rest.empty())
    {
        auto const length = static_cast<std::size_t>(static_cast<unsigned char>(rest.front()));
        auto const message = rest.substr(1, length);
        rest.remove_prefix(1 + message.size());
        if (message.empty())
            continue;
        auto const v = from_msgpack<value>(message);
        known = known && v.has_value();
        if (auto const id = known ? wanted_answer(*v) : std::nullopt)
            expected.push_back(*id);
        with.say(message);
    }
    with.answer_all();
    auto const said = answered(with.heard);
    std::ranges::sort(expected);
    if (known && with.is_open())
        require(said == expected);
    with.end();
    return 0;
}
