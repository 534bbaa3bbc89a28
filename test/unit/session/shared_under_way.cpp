// SPDX-License-Identifier: BSL-1.0
//
// How many messages travel in shared memory at once, while nobody says that they have been received.
#include "link_frames.hpp"

#include "wire/frame_type.hpp"

using namespace oizys;
using namespace oizys::test;

TEST_CASE("only so many messages are under way in shared memory, whatever their size")
{
    negotiated_link link{everything(), {.shared_from = 1000}, max_message, false};
    wire::send_queue queue{framing::negotiated};
    std::string const message(1000, 'x');
    descriptor_queue received;
    constexpr std::size_t most = std::size_t{1} << 30;
    auto const is_shared = [&](bool all_read) {
        link.bound_shared(most, all_read, queue);
        link.send(message, {}, queue);
        auto const sent = frames_of(queue, received);
        REQUIRE(sent.size() == 1);
        return (sent.front().type & wire::flag_shared) != 0;
    };
    for (std::size_t i = 0; i < negotiated_link::most_shared_messages; ++i)
        CHECK(is_shared(false));
    CHECK(!is_shared(false));
    CHECK(is_shared(true)); // all was received by then
    CHECK(is_shared(false));
}

TEST_CASE("messages in shared memory that have not left yet are under way, whatever has been received")
{
    negotiated_link link{everything(), {.shared_from = 1000}, max_message, false};
    wire::send_queue queue{framing::negotiated};
    std::string const message(1000, 'x');
    for (std::size_t i = 0; i < 2 * negotiated_link::most_shared_messages; ++i)
    {
        link.bound_shared(std::size_t{1} << 30, true, queue);
        link.send(message, {}, queue);
    }
    CHECK(queue.attached_messages() == negotiated_link::most_shared_messages);
    CHECK(queue.descriptors() == negotiated_link::most_shared_messages);
    queue.clear();
    CHECK(queue.attached_messages() == 0);
    CHECK(queue.descriptors() == 0);
}
