// SPDX-License-Identifier: BSL-1.0
//
// System calls that fail on demand. This program's own accept4, sendmsg, recvmsg and recv come before those of the C
// library, also for oizys and Asio within it.
#pragma once

#include <cstddef>

namespace oizys::test
{

enum class system_call
{
    accept,
    send,
    receive,
};

/// While it lives, the next `times` calls fail with this error, once `spared` others have succeeded.
class injected
{
public:
    injected(system_call what, int error, std::size_t times = 1, std::size_t spared = 0);
    injected(injected const&) = delete;
    injected& operator=(injected const&) = delete;
    ~injected();

    /// How many have failed.
    std::size_t failed() const noexcept;

private:
    system_call what_;
};

} // namespace oizys::test
