// SPDX-License-Identifier: BSL-1.0
#include <oizys/rpc/service.hpp>

#include "core/registry.hpp"

#include <stdexcept>
#include <utility>

namespace oizys::rpc
{

service::service() : registry_{std::make_shared<detail::registry>()} {}

void service::check_names(std::string_view method, std::size_t names, std::size_t parameters)
{
    if (names != parameters)
        throw std::invalid_argument{"oizys: the method " + std::string{method} + " has " +
                                    std::to_string(parameters) + " parameters, and " + std::to_string(names) +
                                    " names were given"};
}

void service::add(std::string name, std::vector<std::string> parameter_names, method_function call)
{
    registry_->add(std::move(name), std::move(parameter_names), std::move(call));
}

} // namespace oizys::rpc
