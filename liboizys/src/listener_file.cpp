// SPDX-License-Identifier: BSL-1.0
#include "listener_file.hpp"

#include <oizys/error.hpp>

#include <boost/system/errc.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>

namespace oizys::detail
{
namespace
{

/// Keeps other listeners from opening in a folder. The lock is the kernel's: it leaves no file and ends
/// with its holder. Whoever can read the folder can hold it for ever, so that it delays, and never forbids.
class folder_lock
{
public:
    folder_lock(std::string const& folder, boost::system::error_code& ec)
        : fd_{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)}
    {
        if (!fd_)
        {
            // Who may make a file in a folder need not be allowed to read it. Then it is as where none can be locked.
            if (errno != EACCES)
                ec = last_error();
            return;
        }
        using namespace std::chrono_literals;
        for (auto const end = std::chrono::steady_clock::now() + 1s;
             ::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0;)
        {
            if (errno == EINTR)
                continue;
            // Not every network file system can lock a folder. There the name still belongs to one
            // listener; only two that replace the same stale file at once are not kept apart.
            if (errno != EWOULDBLOCK)
                return;
            is_busy_ = std::chrono::steady_clock::now() > end;
            if (is_busy_)
                return;
            std::this_thread::sleep_for(1ms);
        }
    }

    folder_lock(folder_lock const&) = delete;
    folder_lock& operator=(folder_lock const&) = delete;

    ~folder_lock()
    {
        // A child forked meanwhile shares the lock; closing our descriptor alone would leave it locked.
        if (fd_ && !is_busy_)
            ::flock(fd_.get(), LOCK_UN);
    }

    /// Somebody else holds it, and does not let go.
    bool is_busy() const noexcept { return is_busy_; }

private:
    unique_fd fd_;
    bool is_busy_ = false;
};

std::string folder_of(std::string const& path)
{
    auto const folder = std::filesystem::path{path}.parent_path();
    return folder.empty() ? "." : folder.string();
}

/// Finds out what is in the way at `path`, and removes it if nobody listens there any more. That is an error where
/// the folder is busy: what looks stale may be another listener's that is opening.
void remove_if_stale(std::string const& path, socket_address const& address, folder_lock const& lock,
                     boost::system::error_code& ec)
{
    struct ::stat status
    {};
    if (::lstat(path.c_str(), &status) != 0)
    {
        if (errno != ENOENT) // else it has just gone: as good as removed
            ec = last_error();
        return;
    }
    if (!S_ISSOCK(status.st_mode))
    {
        ec = errc::not_a_socket;
        return;
    }

    auto const probe = open_stream_socket(AF_UNIX, ec);
    if (ec)
        return;
    bool const connected = ::connect(probe.get(), address.data(), address.size) == 0;
    // EAGAIN: its queue is full; EPROTOTYPE: it is of another type, as of datagrams. Both live.
    if (connected || errno == EAGAIN || errno == EPROTOTYPE)
        ec = errc::address_in_use;
    else if (errno != ECONNREFUSED && errno != ENOENT)
        ec = last_error();
    else if (lock.is_busy())
        ec = boost::system::errc::make_error_code(boost::system::errc::device_or_resource_busy);
    else if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        ec = last_error();
}

void bind_path(int fd, std::string const& path, socket_address const& address, folder_lock const& lock,
               boost::system::error_code& ec)
{
    if (::bind(fd, address.data(), address.size) == 0)
        return;
    if (errno != EADDRINUSE)
    {
        ec = last_error();
        return;
    }
    remove_if_stale(path, address, lock, ec);
    if (!ec && ::bind(fd, address.data(), address.size) != 0)
        ec = errno == EADDRINUSE ? make_error_code(errc::address_in_use) : last_error();
}

/// glibc 2.36 needs a mounted /proc not to follow links. What the caller has found to be a socket is not one.
bool set_mode(std::string const& path, unsigned mode)
{
    return ::fchmodat(AT_FDCWD, path.c_str(), mode, AT_SYMLINK_NOFOLLOW) == 0 ||
           (errno == EOPNOTSUPP && ::chmod(path.c_str(), mode) == 0);
}

/// The group first, so that the permissions are never another one's; then what the umask took away.
void set_group_and_mode(std::string const& path, socket_file_options const& options,
                        boost::system::error_code& ec)
{
    constexpr auto same_owner = static_cast<::uid_t>(-1);
    struct ::stat status
    {};
    bool const failed = (options.group && ::fchownat(AT_FDCWD, path.c_str(), same_owner, *options.group,
                                                     AT_SYMLINK_NOFOLLOW) != 0) ||
                        ::lstat(path.c_str(), &status) != 0;
    if (failed)
        ec = last_error();
    else if (!S_ISSOCK(status.st_mode)) // somebody else has put it there
        ec = errc::not_a_socket;
    else if ((status.st_mode & 07777) != options.mode && !set_mode(path, options.mode))
        ec = last_error();
}

} // namespace

socket_file::socket_file(std::string const& path, boost::system::error_code& ec)
{
    struct ::stat status
    {};
    if (::lstat(path.c_str(), &status) != 0)
    {
        ec = last_error();
        return;
    }
    path_ = std::filesystem::absolute(path).string(); // the process may go to another folder
    device_ = status.st_dev;
    inode_ = status.st_ino;
    owner_ = ::getpid();
}

void socket_file::remove() noexcept
{
    struct ::stat status
    {};
    bool const is_ours = !path_.empty() && owner_ == ::getpid() && ::lstat(path_.c_str(), &status) == 0 &&
                         status.st_dev == device_ && status.st_ino == inode_;
    if (is_ours)
        ::unlink(
            path_.c_str()); // a failure is ignored: what stays is stale, and replaced by the next listener
    path_.clear();
}

socket_file listen_at_path(int fd, endpoint const& where, socket_file_options const& options,
                           boost::system::error_code& ec, std::string& why)
{
    auto const& path = where.name();
    auto const folder = folder_of(path);
    folder_lock const lock{folder, ec};
    if (ec)
        return {};

    // Linux makes the file with the permissions of the unbound socket less the umask, so that at no
    // time it has more than `mode`, nor gives any to the group that it has before it is given its own.
    if (::fchmod(fd, options.group ? options.mode & ~0070u : options.mode) != 0)
        ec = last_error();
    if (!ec)
        bind_path(fd, path, unix_address(where), lock, ec);
    if (ec == boost::system::errc::device_or_resource_busy)
        why = "another process keeps the folder " + folder + " locked";
    if (ec)
        return {};

    socket_file file{path, ec};
    if (!ec)
        set_group_and_mode(path, options, ec);
    if (!ec && ::listen(fd, options.backlog) != 0)
        ec = last_error();
    if (ec)
        file.remove();
    return file;
}

} // namespace oizys::detail
