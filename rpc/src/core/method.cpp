// SPDX-License-Identifier: BSL-1.0
#include <oizys/rpc/method.hpp>

#include <oizys/rpc/codec/msgpack_reader.hpp>

#include <algorithm>
#include <stdexcept>

namespace oizys::rpc::detail
{
namespace
{

[[noreturn]] void refuse(method_entry const& method, std::string const& why)
{
    throw std::invalid_argument{"oizys: the method " + method.name + ' ' + why};
}

} // namespace

void check_parameters(method_entry const& method, void* const* targets)
{
    auto const& all = method.parameters;
    if (all.size() != method.types.size())
        refuse(method, "has " + std::to_string(method.types.size()) + " parameters, and " +
                           std::to_string(all.size()) + " names were given");
    for (std::size_t i = 0; i < all.size(); ++i)
    {
        auto const& one = all[i];
        if (std::ranges::find(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), one.name(),
                              &arg::name) != all.begin() + static_cast<std::ptrdiff_t>(i))
            refuse(method, "has two parameters of the name " + one.name());
        if (!one.has_default())
            continue;
        if (method.types[i].how_many != takes::one)
            refuse(method, "has a default for " + one.name() + ", which takes what there is");
        msgpack_reader in{one.encoded_default()};
        if (!method.types[i].read(in, targets[i]))
            refuse(method,
                   "has a default for " + one.name() + " that is not of its type: " + in.error().message());
    }
}

} // namespace oizys::rpc::detail
