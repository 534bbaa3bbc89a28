// SPDX-License-Identifier: BSL-1.0
//
// What the tests of negotiated links share: an agreement on everything, and the frames that a link has queued.
#pragma once

#include "negotiated_link.hpp"

#include <oizys/wire/framer.hpp>

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/mman.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace oizys::test
{

using namespace oizys::detail;

inline constexpr std::size_t max_message = 1u << 22;

inline wire::agreement everything(std::size_t max_frame = 16777215)
{
    return {.serializer = serializer::oizys,
            .max_frame_sent = max_frame,
            .max_frame_received = max_frame,
            .theirs = {.zstd = true,
                       .parts = true,
                       .descriptors = true,
                       .shared_memory = true,
                       .max_message = max_message}};
}

struct frame
{
    std::uint8_t type;
    std::string payload;
};

/// Takes all frames out of a queue, and the descriptors that travel with them.
inline std::vector<frame> frames_of(wire::send_queue& queue, descriptor_queue& descriptors)
{
    std::vector<frame> frames;
    wire::framer framer{framing::negotiated, 16777215};
    std::string bytes;
    while (!queue.empty())
    {
        for (auto const& d : queue.front_descriptors())
            descriptors.add(unique_fd{::fcntl(d.get(), F_DUPFD_CLOEXEC, 0)});
        std::array<std::string_view, 16> pieces;
        auto const used = queue.gather(pieces);
        std::size_t n = 0;
        for (std::size_t i = 0; i < used; n += pieces[i++].size())
            bytes += pieces[i];
        queue.consume(n);
    }
    for (std::string_view rest = bytes; !rest.empty();)
    {
        auto const step = framer.next(rest);
        REQUIRE(step.what == wire::frame_step::status::frame);
        frames.push_back({step.type, std::string{step.payload}});
        rest.remove_prefix(step.size);
    }
    return frames;
}

inline unique_fd some_file()
{
    unique_fd fd{::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    REQUIRE(fd);
    return fd;
}

inline negotiation_options without_shared_memory()
{
    negotiation_options o;
    o.shared_from = 0;
    return o;
}

/// What a link makes of one frame.
inline boost::system::error_code error_of(frame const& f, descriptor_queue& descriptors,
                                          wire::agreement const& agreed)
{
    negotiated_link l{agreed, {}, max_message, true};
    received_message message;
    boost::system::error_code ec;
    auto const what = l.on_frame(f.type, f.payload, descriptors, message, ec);
    CHECK((!ec || what == negotiated_link::arrival::nothing));
    return ec;
}

inline boost::system::error_code error_of(frame const& f)
{
    descriptor_queue none;
    return error_of(f, none, everything());
}

} // namespace oizys::test
