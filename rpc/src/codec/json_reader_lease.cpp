// SPDX-License-Identifier: BSL-1.0
//
// The readers that each thread keeps.
#include "codec/json_reader_lease.hpp"

#include <array>

namespace oizys::rpc
{
namespace
{

// Of types without constructors and destructors, and in the cheap form of access, which takes these few bytes from
// what the loader sets aside for libraries that are opened while the program runs; opening fails if they are used up.
#define OIZYS_THREAD_LOCAL [[gnu::tls_model("initial-exec")]] constinit thread_local

OIZYS_THREAD_LOCAL std::array<json_reader*, json_reader_lease::most_kept> kept{};
OIZYS_THREAD_LOCAL std::size_t kept_count = 0;
OIZYS_THREAD_LOCAL bool thread_ended = false;

/// Frees what the thread has kept.
struct thread_end
{
    ~thread_end()
    {
        thread_ended = true;
        while (kept_count != 0)
            delete kept[--kept_count];
    }
};

} // namespace

json_reader_lease::json_reader_lease(codec_limits limits)
{
    if (kept_count != 0)
    {
        reader_.reset(kept[--kept_count]);
        reader_->set_limits(limits);
        return;
    }
    thread_local thread_end const end; // a thread that keeps a reader has been here
    reader_ = std::make_unique<json_reader>(limits);
}

json_reader_lease::~json_reader_lease()
{
    if (!thread_ended && kept_count < most_kept && reader_->capacity() <= largest_kept)
        kept[kept_count++] = reader_.release();
}

} // namespace oizys::rpc
