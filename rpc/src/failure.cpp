// SPDX-License-Identifier: BSL-1.0
#include "failure.hpp"

#include <system_error>

namespace oizys::rpc::detail
{

error_object error_of(boost::system::error_code why)
{
    return {operation_failed, why.message(),
            object{{"category", why.category().name()}, {"value", why.value()}}};
}

error_object error_of(std::exception_ptr const& thrown, bool expose)
{
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
        return error_of(why);
    }
    catch (std::error_code const& why)
    {
        return error_of(boost::system::error_code{why});
    }
    catch (std::exception const& exception)
    {
        return {internal_error, expose ? exception.what() : "Internal error"};
    }
    catch (...) // not derived from std::exception: there is nothing to say about it
    {
        return {internal_error, "Internal error"};
    }
}

} // namespace oizys::rpc::detail
