// SPDX-License-Identifier: BSL-1.0
//
// The calls of the other end that are not answered yet, found by their ids when the other end speaks of one again.
#pragma once

#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

namespace oizys::rpc::detail
{

/// By id as it came, byte for byte; an end that uses an id twice has two calls of that id. How many there may be is
/// for who adds them to bound. A tree, because the other end chooses the ids and could fill one bucket of a hash table.
template <class Call>
class served_calls
{
public:
    using place = typename std::multimap<std::string_view, Call>::iterator;

    /// The id must last as long as the call is in here.
    place add(std::string_view id, Call call) { return calls_.emplace(id, std::move(call)); }
    void remove(place at) noexcept { calls_.erase(at); }

    /// The call of this id, of several the one that came first; an empty Call if there is none.
    Call find(std::string_view id) const
    {
        auto const at = calls_.lower_bound(id);
        return at != calls_.end() && at->first == id ? at->second : Call{};
    }

    /// Any call; an empty Call if there is none.
    Call any() const { return calls_.empty() ? Call{} : calls_.begin()->second; }

    std::size_t size() const noexcept { return calls_.size(); }

private:
    std::multimap<std::string_view, Call> calls_;
};

} // namespace oizys::rpc::detail
