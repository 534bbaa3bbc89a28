// SPDX-License-Identifier: BSL-1.0
#include <oizys/rpc/argument.hpp>

#include <oizys/rpc/codec/msgpack_writer.hpp>

#include <stdexcept>

namespace oizys::rpc
{

void arg::set_default(function_ref<void(writer&)> write)
{
    std::string encoded;
    msgpack_writer out{encoded};
    write(out);
    if (auto const ec = out.error())
        throw std::invalid_argument{"oizys: the default of the parameter " + name_ + ": " + ec.message()};
    default_ = std::move(encoded);
}

} // namespace oizys::rpc
