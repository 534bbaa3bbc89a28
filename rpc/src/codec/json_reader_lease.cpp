// SPDX-License-Identifier: BSL-1.0
//
// The readers that each thread keeps.
#include "codec/json_reader_lease.hpp"

#include <array>

namespace oizys::rpc
{
namespace
{

struct kept_readers
{
    std::array<std::unique_ptr<json_reader>, json_reader_lease::most_kept> readers;
    std::size_t count = 0;

    ~kept_readers();
};

// The cheap form of access. It takes these few bytes from what the loader sets aside for libraries that are opened
// while the program runs; opening fails if they are used up.
#define OIZYS_THREAD_LOCAL [[gnu::tls_model("initial-exec")]] thread_local

OIZYS_THREAD_LOCAL bool thread_ended = false; // trivial, so it can still be asked when `kept` is gone
OIZYS_THREAD_LOCAL kept_readers kept;

kept_readers::~kept_readers() { thread_ended = true; }

} // namespace

json_reader_lease::json_reader_lease(codec_limits limits)
{
    if (!thread_ended && kept.count != 0)
    {
        reader_ = std::move(kept.readers[--kept.count]);
        reader_->set_limits(limits);
    }
    else
        reader_ = std::make_unique<json_reader>(limits);
}

json_reader_lease::~json_reader_lease()
{
    if (!thread_ended && kept.count < most_kept && reader_->capacity() <= largest_kept)
        kept.readers[kept.count++] = std::move(reader_);
}

} // namespace oizys::rpc
