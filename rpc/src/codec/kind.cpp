// SPDX-License-Identifier: BSL-1.0
//
// The words for each kind of value.
#include <oizys/rpc/codec/kind.hpp>

namespace oizys::rpc
{

std::string_view describe(kind k) noexcept
{
    switch (k)
    {
    case kind::none: return "nothing";
    case kind::null: return "null";
    case kind::boolean: return "a boolean";
    case kind::integer: return "an integer";
    case kind::floating: return "a floating-point number";
    case kind::string: return "a string";
    case kind::binary: return "binary data";
    case kind::array: return "an array";
    case kind::object: return "an object";
    case kind::extension: return "an extension";
    }
    return "nothing";
}

} // namespace oizys::rpc
