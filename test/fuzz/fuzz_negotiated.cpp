// SPDX-License-Identifier: BSL-1.0
//
// The negotiated mode fed with anything: the hello of either role, then frames. Whatever comes, a message is
// within its limit and whole, an error is final, and what a link sends is what another link receives.
#include "negotiated_link.hpp"
#include "wire/hello.hpp"

#include <oizys/wire/framer.hpp>

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace
{

using namespace oizys;
using namespace oizys::detail;
using role = wire::hello_exchange::role;

constexpr std::size_t max_message = 100000;
constexpr wire::offer ours{
    .zstd = true, .parts = true, .descriptors = true, .shared_memory = true, .max_message = max_message};

void require(bool holds)
{
    if (!holds)
        std::abort();
}

/// Feeds the hello, `step` bytes at a time; returns what is left.
std::string_view agree(wire::hello_exchange& exchange, std::string_view input, std::size_t step)
{
    std::string waiting;
    std::size_t taken = 0;
    boost::system::error_code ec;
    while (!exchange.done() && !ec)
    {
        auto const used = exchange.feed(waiting, ec);
        waiting.erase(0, used);
        exchange.take_output();
        if (used != 0)
            continue;
        if (taken == input.size())
            return {};
        auto const piece = input.substr(taken, step);
        waiting += piece;
        taken += piece.size();
    }
    return ec ? std::string_view{} : input.substr(taken - waiting.size());
}

/// What was received is sent on, and must arrive as it was.
void pass_on(wire::agreement const& agreed, std::string_view text)
{
    negotiation_options options;
    options.part_size = 4096;
    negotiated_link from{agreed, options, max_message, true};
    negotiated_link to{agreed, options, max_message, true};
    if (text.size() > from.max_message_sent())
        return;
    wire::send_queue queue{framing::negotiated};
    from.send(text, {}, queue);
    descriptor_queue none;
    std::string bytes;
    std::string arrived;
    do
    {
        std::array<std::string_view, 16> pieces;
        while (auto const used = queue.gather(pieces))
        {
            std::size_t n = 0;
            for (std::size_t i = 0; i < used; ++i)
            {
                bytes += pieces[i];
                n += pieces[i].size();
            }
            queue.consume(n);
        }
    } while (from.next_part(queue));
    wire::framer framer{framing::negotiated, wire::header24_max_payload};
    for (std::string_view rest = bytes; !rest.empty();)
    {
        auto const step = framer.next(rest);
        require(step.what == wire::frame_step::status::frame);
        received_message message;
        boost::system::error_code ec;
        if (to.on_frame(step.type, step.payload, none, message, ec) == negotiated_link::arrival::message)
            arrived += message.view;
        require(!ec);
        rest.remove_prefix(step.size);
    }
    require(arrived == text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    if (size < 2)
        return 0;
    std::string_view input{reinterpret_cast<char const*>(data), size};
    negotiation_options options;
    options.asked = (data[0] & 1) != 0 ? serializer::oizys : serializer::json;
    options.accepted = serializer::oizys | serializer::json;
    wire::hello_exchange exchange{(data[0] & 2) != 0 ? role::connecting : role::accepting, options, ours};
    exchange.take_output();
    input = agree(exchange, input.substr(2), 1u + data[1]);
    if (!exchange.done())
        return 0;

    auto agreed = exchange.result();
    negotiated_link link{agreed, options, max_message, true};
    wire::framer framer{framing::negotiated, agreed.max_frame_received};
    descriptor_queue descriptors;
    for (int i = 0; i < data[1] % 4; ++i)
        descriptors.add(unique_fd{::memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING)});
    while (true)
    {
        auto const step = framer.next(input);
        if (step.what != wire::frame_step::status::frame)
            break;
        received_message message;
        boost::system::error_code ec;
        auto const what = link.on_frame(step.type, step.payload, descriptors, message, ec);
        if (ec)
        {
            require(what == negotiated_link::arrival::nothing);
            break;
        }
        if (what == negotiated_link::arrival::message)
        {
            require(!message.view.empty() && message.view.size() <= max_message);
            agreed.theirs.shared_memory = false; // there is nobody to hand the memory to
            pass_on(agreed, message.view);
        }
        input.remove_prefix(step.size);
    }
    return 0;
}
