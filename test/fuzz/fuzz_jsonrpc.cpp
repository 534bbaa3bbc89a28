// SPDX-License-Identifier: BSL-1.0
//
// Whole JSON-RPC conversations: the first byte says how, the lines behind it are messages to a peer. All it says
// must be JSON-RPC, each request must be answered once and in its batch, and each call must end once.
#include "fuzz/rpc_conversation.hpp"

#include <oizys/rpc/codec/json.hpp>

#include <algorithm>

using namespace oizys;
using namespace oizys::rpc;
using oizys::fuzz::require;

namespace
{

bool is_member(value const& v, std::string_view name) { return v.get_if<object>()->contains(name); }

bool is_metadata(value const& v)
{
    auto const* const members = v.get_if<object>();
    if (members == nullptr)
        return false;
    for (auto const& [name, member] : *members)
    {
        auto const* const number = member.get_if<std::int64_t>();
        bool const count = member.get_if<std::uint64_t>() != nullptr || (number != nullptr && *number >= 0);
        if ((name == "timeout" || name == "credit") && !count)
            return false;
        if ((name == "progress" && member.kind() != kind::boolean) ||
            (name == "trace" && member.kind() != kind::string))
            return false;
    }
    return true;
}

/// Whether a message, or an element of a batch, has to be answered: by what it says, and nothing else.
bool wants_answer(value const& v, bool version_required)
{
    auto const* const members = v.get_if<object>();
    if (members == nullptr)
        return true;
    bool mistaken = false, versioned = !version_required, has_method = false, has_id = false, answers = false;
    for (auto const& [name, member] : *members)
    {
        auto const k = member.kind();
        bool const is_id = k == kind::string || k == kind::integer || k == kind::floating || k == kind::null;
        if (name == "method")
            (k == kind::string ? has_method : mistaken) = true;
        else if (name == "params")
            mistaken |= k != kind::array && k != kind::object;
        else if (name == "id")
            (is_id ? has_id : mistaken) = true;
        else if (name == "oizys")
            mistaken |= !is_metadata(member);
        else if (name == "jsonrpc")
        {
            versioned = member == value{"2.0"};
            mistaken |= !versioned;
        }
        else if (name == "result" || (name == "error" && k != kind::null))
            answers = true;
    }
    if (!has_method && answers)
        return false;
    return mistaken || !has_method || !versioned || has_id;
}

void check_said(value const& v)
{
    require(v.kind() == kind::object && v["jsonrpc"] == value{"2.0"});
    if (is_member(v, "method"))
    {
        auto const* const method = v["method"].get_if<std::string>();
        require(method != nullptr);
        bool const notice = method->starts_with("oizys.") || method->starts_with("$/");
        require(notice ? !is_member(v, "id") : *method == "x" && v["id"].kind() == kind::integer);
    }
    else
    {
        require(is_member(v, "id") && is_member(v, "result") != is_member(v, "error"));
        if (is_member(v, "error"))
            require(v["error"]["code"].kind() == kind::integer &&
                    v["error"]["message"].kind() == kind::string);
    }
}

/// What the peer has said: how many answers in each message, 0 for an answer that is no batch. Own calls are
/// left out.
std::vector<std::size_t> answers_in(std::vector<std::string> const& messages)
{
    std::vector<std::size_t> sizes;
    for (auto const& message : messages)
    {
        auto const v = from_json<value>(message);
        require(v.has_value());
        auto const* const batch = v->get_if<array>();
        if (batch == nullptr)
            check_said(*v);
        else
        {
            require(!batch->empty());
            std::ranges::for_each(*batch, check_said);
        }
        if (batch != nullptr || !is_member(*v, "method"))
            sizes.push_back(batch != nullptr ? batch->size() : 0);
    }
    std::ranges::sort(sizes);
    return sizes;
}

void expect(std::vector<std::size_t>& sizes, std::string_view message, bool version_required)
{
    auto const v = from_json<value>(message);
    auto const* const batch = v ? v->get_if<array>() : nullptr;
    if (!v && v.error() == codec_errc::out_of_range)
        return sizes.clear(); // a value that the model cannot hold
    if (batch == nullptr || batch->empty() || batch->size() > 16)
    {
        if (!v || batch != nullptr || wants_answer(*v, version_required))
            sizes.push_back(0);
        return;
    }
    auto const count = static_cast<std::size_t>(std::ranges::count_if(
        *batch, [&](value const& element) { return wants_answer(element, version_required); }));
    if (count != 0)
        sizes.push_back(count);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    if (size == 0)
        return 0;
    fuzz::manner const how{data[0]};
    std::string_view rest{reinterpret_cast<char const*>(data) + 1, size - 1};
    fuzz::conversation with{protocol::json, how};
    std::vector<std::size_t> expected;
    bool known = how.framed; // without frames the framer says what a message is
    known = known && rest.find("credit") == std::string_view::npos &&
            rest.find("open") == std::string_view::npos; // streams may wait
    while (!rest.empty())
    {
        auto const line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (line.empty())
            continue;
        if (known)
        {
            auto const before = expected.size();
            expect(expected, line, !how.lenient);
            known = expected.size() >= before;
        }
        with.say(line);
    }
    with.answer_all();
    auto const said = answers_in(with.heard);
    std::ranges::sort(expected);
    if (known && with.is_open())
        require(said == expected);
    with.end();
    return 0;
}
