// SPDX-License-Identifier: BSL-1.0
#include "shm_rings.hpp"

#include "doorbell.hpp"

#include <utility>

namespace oizys::detail
{
namespace
{

constexpr std::size_t show_every = 65536; ///< bytes; the other end may copy these while the next are put

} // namespace

shm_rings::shm_rings(shared_area area, unique_fd rope, shm_role role) noexcept
    : area_{std::move(area)}
    , rope_{std::move(rope)}
    , out_{role == shm_role::connector ? area_.from_connector() : area_.from_acceptor()}
    , in_{role == shm_role::connector ? area_.from_acceptor() : area_.from_connector()}
{
}

std::size_t shm_rings::read(std::span<char> room, boost::system::error_code& ec) noexcept
{
    auto const n = in_.take(room, ec);
    if (n != 0 && in_.must_wake())
        ring_doorbell(rope_.get());
    return n;
}

// An end that sleeps is woken when all is there: on the same processor it would only get in the way before.
std::size_t shm_rings::write(std::span<std::string_view const> pieces, boost::system::error_code& ec) noexcept
{
    std::size_t written = 0;
    std::size_t hidden = 0;
    ec.clear();
    for (auto piece : pieces)
    {
        while (!piece.empty())
        {
            auto const n = out_.put(piece.substr(0, show_every - hidden), ec);
            if (n == 0)
                return finish_write(written, ec);
            written += n;
            hidden += n;
            piece.remove_prefix(n);
            if (hidden == show_every)
            {
                out_.show();
                hidden = 0;
            }
        }
    }
    return finish_write(written, ec);
}

std::size_t shm_rings::finish_write(std::size_t written, boost::system::error_code& ec) noexcept
{
    if (written == 0)
        return 0;
    ec.clear(); // it is final, and so the next write meets it
    if (out_.publish())
        ring_doorbell(rope_.get());
    return written;
}

} // namespace oizys::detail
