// SPDX-License-Identifier: BSL-1.0
#include "account.hpp"

#include <oizys/error.hpp>

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <vector>

namespace oizys::detail
{
namespace
{

/// Calls one of the get…nam_r functions with as much room as it wants; null with an error if nothing is found.
template <class Entry>
Entry const* look_up(int (*get)(char const*, Entry*, char*, std::size_t, Entry**), std::string const& name,
                     Entry& entry, std::vector<char>& room, boost::system::error_code& ec)
{
    constexpr std::size_t most = 16u << 20; // bytes: a group of a million members, but not all memory
    ec.clear();
    for (room.resize(1024);;)
    {
        Entry* found = nullptr;
        int const error = get(name.c_str(), &entry, room.data(), room.size(), &found);
        if (found != nullptr)
            return found;
        if (error == EINTR)
            continue;
        if (error == ERANGE && room.size() < most)
        {
            room.resize(2 * room.size());
            continue;
        }
        // getpwnam(3): that nothing was found is reported in several ways.
        bool const unknown =
            error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
        if (unknown)
            ec = errc::unknown_name;
        else
            ec.assign(error, boost::system::system_category());
        return nullptr;
    }
}

/// A NUL within a name would end it early, and name somebody else.
bool is_name(std::string const& text) noexcept
{
    return !text.empty() && text.find('\0') == std::string::npos;
}

} // namespace

uid_t uid_of_user(std::string const& name, boost::system::error_code& ec)
{
    passwd entry{};
    std::vector<char> room;
    ec = errc::unknown_name;
    auto const* const found = is_name(name) ? look_up(&::getpwnam_r, name, entry, room, ec) : nullptr;
    return found != nullptr ? found->pw_uid : static_cast<uid_t>(-1);
}

gid_t gid_of_group(std::string const& name, boost::system::error_code& ec)
{
    group entry{};
    std::vector<char> room;
    ec = errc::unknown_name;
    auto const* const found = is_name(name) ? look_up(&::getgrnam_r, name, entry, room, ec) : nullptr;
    return found != nullptr ? found->gr_gid : static_cast<gid_t>(-1);
}

gid_t gid_of_group_or_number(std::string const& text, boost::system::error_code& ec)
{
    bool const is_number =
        !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number)
        return gid_of_group(text, ec);
    gid_t gid = 0;
    auto const parsed = std::from_chars(text.data(), text.data() + text.size(), gid);
    // The greatest number means "leave it as it is" to chown(2).
    bool const fits = parsed.ec == std::errc{} && gid != static_cast<gid_t>(-1);
    ec = fits ? boost::system::error_code{} : make_error_code(errc::unknown_name);
    return gid;
}

} // namespace oizys::detail
