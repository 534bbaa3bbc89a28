// SPDX-License-Identifier: BSL-1.0
#include "report.hpp"

#include <oizys/version.hpp>

#include <boost/version.hpp>

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

namespace bench
{
namespace
{

std::string processor()
{
    std::ifstream info{"/proc/cpuinfo"};
    for (std::string line; std::getline(info, line);)
    {
        if (line.starts_with("model name"))
            return line.substr(line.find(':') + 2);
    }
    return "unknown processor";
}

#ifdef __clang__
constexpr char const* compiler = "clang " __clang_version__;
#else
constexpr char const* compiler = "gcc " __VERSION__;
#endif

} // namespace

std::string machine()
{
    utsname system{};
    ::uname(&system);
    auto const number = [](int n) { return std::to_string(n); };
    return std::to_string(::sysconf(_SC_NPROCESSORS_ONLN)) + " x " + processor() + ", " + system.sysname +
           ' ' + system.release + ", " + compiler + ", Boost " + number(BOOST_VERSION / 100000) + '.' +
           number(BOOST_VERSION / 100 % 1000) + ", oizys " + number(oizys::get_major_version()) + '.' +
           number(oizys::get_minor_version()) + '.' + number(oizys::get_patch_version()) +
#ifdef BENCH_REVISION
           " (" BENCH_REVISION ")" +
#endif
           "";
}

} // namespace bench
