// SPDX-License-Identifier: BSL-1.0
#include "protocol/error_object.hpp"

#include <string>
#include <utility>

namespace oizys::rpc::detail
{

error_object to_error_object(value error)
{
    error_object out;
    if (auto* const text = error.get_if<std::string>())
    {
        out.message = std::move(*text);
        return out;
    }
    if (auto* const members = error.get_if<object>())
    {
        auto* const code = members->find("code");
        auto* const message = members->find("message");
        auto* const data = members->find("data");
        auto const* const number = code != nullptr ? code->get_if<std::int64_t>() : nullptr;
        auto* const text = message != nullptr ? message->get_if<std::string>() : nullptr;
        if (number != nullptr || text != nullptr)
        {
            if (number != nullptr)
                out.code = *number;
            if (text != nullptr)
                out.message = std::move(*text);
            if (data != nullptr)
                out.data = std::move(*data);
            return out;
        }
    }
    if (auto* const elements = error.get_if<array>(); elements != nullptr && elements->size() == 2)
    {
        auto const* const number = (*elements)[0].get_if<std::int64_t>();
        auto* const text = (*elements)[1].get_if<std::string>();
        if (number != nullptr && text != nullptr)
        {
            out.code = *number;
            out.message = std::move(*text);
            return out;
        }
    }
    out.message = "the other end answered with an error of its own form";
    out.data = std::move(error);
    return out;
}

} // namespace oizys::rpc::detail
