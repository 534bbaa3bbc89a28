// SPDX-License-Identifier: BSL-1.0
#include "systemd_descriptors.hpp"

#include <oizys/error.hpp>

#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>

namespace oizys::systemd
{
namespace
{

std::optional<int> socket_option(int fd, int name) noexcept
{
    int value = 0;
    socklen_t size = sizeof value;
    if (::getsockopt(fd, SOL_SOCKET, name, &value, &size) != 0)
        return std::nullopt;
    return value;
}

std::vector<descriptor> read_environment(boost::system::error_code& ec)
{
    char** names = nullptr;
    int const count = ::sd_listen_fds_with_names(1, &names);
    if (count < 0)
    {
        ec.assign(-count, boost::system::system_category());
        return {};
    }
    struct free_c
    {
        void operator()(void* memory) const noexcept { std::free(memory); }
    };
    std::unique_ptr<char* [], free_c> const list { names };
    std::vector<descriptor> result;
    for (int i = 0; i < count; ++i)
    {
        std::unique_ptr<char, free_c> const name{names[i]};
        int const number = SD_LISTEN_FDS_START + i;
        result.push_back({.name = name.get(), .number = number, .kind = kind_of(number)});
    }
    return result;
}

/// What one process was given. That each descriptor is handed over once is a promise about the process, as
/// the environment is the process's; so this is the one thing here that all of it shares.
struct own_table
{
    std::mutex mutex;
    ::pid_t owner = ::getpid();
    boost::system::error_code ec;
    descriptor_table table{read_environment(ec)};
};

} // namespace

descriptor_kind kind_of(int fd) noexcept
{
    auto const type = socket_option(fd, SO_TYPE);
    if (!type)
        return descriptor_kind::other;
    if (type != SOCK_STREAM)
        return descriptor_kind::datagram;
    return socket_option(fd, SO_ACCEPTCONN) == 1 ? descriptor_kind::listener : descriptor_kind::connection;
}

descriptor_table::iterator descriptor_table::find(std::string_view name, boost::system::error_code& ec) const
{
    auto const matches = [&](descriptor const& d) { return name.empty() || d.name == name; };
    auto const found = std::find_if(left_.begin(), left_.end(), matches);
    if (found == left_.end())
        ec = errc::no_descriptor;
    else if (std::any_of(std::next(found), left_.end(), matches))
        ec = errc::ambiguous_descriptor;
    else
        ec.clear();
    return found;
}

unique_fd descriptor_table::hand_over(iterator at)
{
    unique_fd result{at->number};
    left_.erase(at);
    return result;
}

unique_fd descriptor_table::take(std::string_view name, boost::system::error_code& ec)
{
    auto const found = find(name, ec);
    return ec ? unique_fd{} : hand_over(found);
}

unique_fd descriptor_table::take_stream(std::string_view name, boost::system::error_code& ec)
{
    auto const found = find(name, ec);
    if (ec)
        return {};
    switch (found->kind)
    {
    case descriptor_kind::listener:
    case descriptor_kind::connection: return hand_over(found);
    case descriptor_kind::datagram: ec = errc::not_a_stream_socket; break;
    case descriptor_kind::other: ec = errc::not_a_socket; break;
    }
    return {};
}

void use_own_table(function_ref<void(descriptor_table&)> use, boost::system::error_code& ec)
{
    static own_table own;
    std::lock_guard const lock{own.mutex};
    ec = own.ec;
    if (ec)
        return;
    if (own.owner == ::getpid())
        return use(own.table);
    descriptor_table nothing; // fork() copied what belongs to the parent
    use(nothing);
}

std::vector<descriptor> descriptors(boost::system::error_code& ec)
{
    std::vector<descriptor> result;
    use_own_table([&](descriptor_table& table) { result = table.left(); }, ec);
    return result;
}

unique_fd take(std::string_view name, boost::system::error_code& ec)
{
    unique_fd result;
    boost::system::error_code failure;
    use_own_table([&](descriptor_table& table) { result = table.take(name, failure); }, ec);
    if (!ec)
        ec = failure;
    return result;
}

} // namespace oizys::systemd
