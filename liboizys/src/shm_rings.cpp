// SPDX-License-Identifier: BSL-1.0
#include "shm_rings.hpp"

#include "doorbell.hpp"

#include <utility>

namespace oizys::detail
{
namespace
{

constexpr std::size_t publish_every = 65536; ///< bytes; the other end copies these while the next are put

} // namespace

shm_rings::shm_rings(shared_area area, unique_fd other_bell, shm_role role) noexcept
    : area_{std::move(area)}
    , other_bell_{std::move(other_bell)}
    , out_{role == shm_role::connector ? area_.from_connector() : area_.from_acceptor()}
    , in_{role == shm_role::connector ? area_.from_acceptor() : area_.from_connector()}
{
}

std::size_t shm_rings::read(std::span<char> room, boost::system::error_code& ec) noexcept
{
    auto const n = in_.take(room, ec);
    if (n != 0 && in_.must_wake())
        ring_doorbell(other_bell_.get());
    return n;
}

std::size_t shm_rings::write(std::span<std::string_view const> pieces, boost::system::error_code& ec) noexcept
{
    std::size_t written = 0;
    std::size_t hidden = 0;
    ec.clear();
    for (auto piece : pieces)
    {
        while (!piece.empty())
        {
            auto const n = out_.put(piece.substr(0, publish_every - hidden), ec);
            if (n == 0)
            {
                if (hidden != 0)
                    publish();
                if (written != 0)
                    ec.clear(); // it is final, and so the next write meets it
                return written;
            }
            written += n;
            hidden += n;
            piece.remove_prefix(n);
            if (hidden == publish_every)
            {
                publish();
                hidden = 0;
            }
        }
    }
    if (hidden != 0)
        publish();
    return written;
}

void shm_rings::publish() noexcept
{
    if (out_.publish())
        ring_doorbell(other_bell_.get());
}

} // namespace oizys::detail
