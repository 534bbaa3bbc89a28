// SPDX-License-Identifier: BSL-1.0
#include "failure.hpp"

#include <system_error>

namespace oizys::rpc::detail
{
namespace
{

// For the other end, a mapping of the user's that fails is a failure of the method.
bool map(std::exception_ptr const& thrown, service_hooks const* hooks, error_object& out)
try
{
    if (hooks != nullptr)
        for (auto const& mapper : hooks->errors)
            if ((*mapper)(thrown, out))
                return true;
    return false;
}
catch (...) // nothing of it is meant for the other end
{
    out = {internal_error, "Internal error"};
    return true;
}

// Converted back, since Boost has one name for all categories of the standard library's kind.
error_object describe(std::error_code why)
{
    return {operation_failed, why.message(),
            object{{"category", why.category().name()}, {"value", why.value()}}};
}

} // namespace

error_object error_of(boost::system::error_code why, service_hooks const* hooks)
{
    error_object mapped;
    if (hooks != nullptr && !hooks->errors.empty() &&
        (map(std::make_exception_ptr(why), hooks, mapped) ||
         map(std::make_exception_ptr(std::error_code{why}), hooks, mapped)))
        return mapped;
    return describe(std::error_code{why});
}

error_object error_of(std::exception_ptr const& thrown, service_hooks const* hooks, bool expose)
{
    error_object mapped;
    try
    {
        std::rethrow_exception(thrown);
    }
    catch (rpc::error const& error)
    {
        return error.object();
    }
    catch (boost::system::error_code const& why)
    {
        return error_of(why, hooks);
    }
    catch (std::error_code const& why)
    {
        return error_of(boost::system::error_code{why}, hooks);
    }
    catch (std::exception const& exception)
    {
        if (map(thrown, hooks, mapped))
            return mapped;
        return {internal_error, expose ? exception.what() : "Internal error"};
    }
    catch (...) // not derived from std::exception: there is nothing to say about it
    {
        if (map(thrown, hooks, mapped))
            return mapped;
        return {internal_error, "Internal error"};
    }
}

} // namespace oizys::rpc::detail
