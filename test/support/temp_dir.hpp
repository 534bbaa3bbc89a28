// SPDX-License-Identifier: BSL-1.0
//
// A folder of a test's own, removed with all that is in it.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace oizys::test
{

class temp_dir
{
public:
    temp_dir()
    {
        std::string name = (std::filesystem::temp_directory_path() / "oizys-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::system_error{errno, std::generic_category(), "mkdtemp " + name};
        path_ = name;
    }

    temp_dir(temp_dir const&) = delete;
    temp_dir& operator=(temp_dir const&) = delete;

    ~temp_dir()
    {
        std::error_code ec; // ignored: a folder that stays behind is no reason to end the test
        std::filesystem::remove_all(path_, ec);
    }

    std::filesystem::path const& path() const noexcept { return path_; }

    /// The path of a file in the folder.
    std::string file(std::string_view name) const { return (path_ / name).string(); }

    /// The endpoint of a Unix socket in the folder.
    std::string endpoint(std::string_view name = "socket") const { return "unix:" + file(name); }

private:
    std::filesystem::path path_;
};

} // namespace oizys::test
