// SPDX-License-Identifier: BSL-1.0
//
// What a listener does about each error of accept(2).
#include "listener_accept.hpp"

#include <catch2/catch.hpp>

#include <cerrno>

using oizys::detail::accept_verdict;
using oizys::detail::judge_accept_error;

TEST_CASE("accept waits when no connection is there")
{
    CHECK(judge_accept_error(EAGAIN) == accept_verdict::wait);
}

TEST_CASE("accept passes over a connection that is gone")
{
    auto const error = GENERATE(ECONNABORTED, EINTR, EPROTO, EPERM, ENETDOWN, EHOSTUNREACH, ETIMEDOUT);
    CHECK(judge_accept_error(error) == accept_verdict::again);
}

TEST_CASE("accept pauses while descriptors or memory are short")
{
    auto const error = GENERATE(EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC);
    CHECK(judge_accept_error(error) == accept_verdict::pause);
}

TEST_CASE("accept fails when the socket is not one to accept on")
{
    auto const error = GENERATE(EBADF, EINVAL, ENOTSOCK, EOPNOTSUPP, EFAULT);
    CHECK(judge_accept_error(error) == accept_verdict::fail);
}
