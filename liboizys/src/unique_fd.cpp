// SPDX-License-Identifier: BSL-1.0
#include <oizys/unique_fd.hpp>

#include <unistd.h>

namespace oizys
{

unique_fd::~unique_fd()
{
    if (fd_ >= 0)
        ::close(fd_);
}

} // namespace oizys
