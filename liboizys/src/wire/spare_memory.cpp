// SPDX-License-Identifier: BSL-1.0
#include "wire/spare_memory.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace oizys::wire
{
namespace
{

// A session may outlive the variables of its thread, as one in a static variable does.
thread_local constinit bool has_ended = false;

/// The oldest in front.
struct shelf
{
    ~shelf() { has_ended = true; }

    std::string take_out(std::size_t at) noexcept
    {
        auto taken = std::move(strings[at]);
        bytes -= taken.capacity();
        std::move(strings.begin() + at + 1, strings.begin() + count, strings.begin() + at);
        strings[--count] = {};
        return taken;
    }

    std::array<std::string, spare_memory::most_strings> strings;
    std::size_t count = 0;
    std::size_t bytes = 0;
};

thread_local shelf shelved;

} // namespace

std::string spare_memory::take(std::size_t size)
{
    std::string found;
    if (size >= smallest && !has_ended)
    {
        auto& [strings, count, bytes] = shelved;
        auto best = count;
        for (std::size_t at = 0; at < count; ++at)
            if (strings[at].capacity() >= size &&
                (best == count || strings[at].capacity() < strings[best].capacity()))
                best = at;
        if (best != count)
            found = shelved.take_out(best);
    }
    found.clear();
    found.reserve(size);
    return found;
}

void spare_memory::give(std::string unneeded) noexcept
{
    auto const size = unneeded.capacity();
    if (size < smallest || size > most_bytes || has_ended)
        return;
    while (shelved.count == most_strings || shelved.bytes + size > most_bytes)
        shelved.take_out(0);
    shelved.bytes += size;
    shelved.strings[shelved.count++] = std::move(unneeded);
}

void spare_memory::reserve(std::string& in, std::size_t size)
{
    if (in.capacity() >= size)
        return;
    auto larger = take(size);
    larger.append(in);
    give(std::exchange(in, std::move(larger)));
}

std::size_t spare_memory::kept() noexcept { return has_ended ? 0 : shelved.bytes; }

} // namespace oizys::wire
