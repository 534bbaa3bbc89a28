// SPDX-License-Identifier: BSL-1.0
//
// The best way of waiting for a doorbell with this version of Asio.
#pragma once

#include "epoll_bell_waiter.hpp"
#include "reactor_bell_waiter.hpp"

namespace oizys::detail
{

#if OIZYS_HAS_REACTOR_BELL_WAITER
using bell_waiter = reactor_bell_waiter;
#else
using bell_waiter = epoll_bell_waiter;
#endif

} // namespace oizys::detail
