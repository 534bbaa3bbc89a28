// SPDX-License-Identifier: BSL-1.0
#include "option.hpp"

#include <cmath>
#include <sstream>

namespace oizys::cli
{
namespace
{

/// CLI::Range would describe itself in every line of the help.
template <class T>
CLI::Validator between(T least, T most)
{
    return CLI::Validator{[least, most](std::string& word) {
                              T v{};
                              if (CLI::detail::lexical_cast(word, v) && v >= least && v <= most)
                                  return std::string{};
                              std::ostringstream why;
                              why << word << " is not between " << least << " and " << most;
                              return why.str();
                          },
                          ""};
}

} // namespace

CLI::Option* add_seconds(CLI::App& command, std::string const& name, double& to,
                         std::string const& description)
{
    return command.add_option(name, to, description)
        ->check(between(0.0, 1e6))
        ->type_name("SECONDS")
        ->capture_default_str();
}

CLI::Option* add_count(CLI::App& command, std::string const& name, std::uint64_t& to,
                       std::string const& description, std::uint64_t least, std::uint64_t most)
{
    return command.add_option(name, to, description)
        ->check(between(least, most))
        ->type_name("N")
        ->capture_default_str();
}

std::chrono::milliseconds to_milliseconds(double seconds)
{
    return std::chrono::milliseconds{static_cast<std::int64_t>(std::ceil(seconds * 1000))};
}

} // namespace oizys::cli
