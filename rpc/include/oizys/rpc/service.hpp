// SPDX-License-Identifier: BSL-1.0
//
// Functions that others may call, by name.
#pragma once

#include <oizys/api.hpp>
#include <oizys/function.hpp>
#include <oizys/rpc/described_result.hpp>
#include <oizys/rpc/handler.hpp>
#include <oizys/rpc/interceptor.hpp>
#include <oizys/rpc/protocol/openrpc.hpp>

#include <exception>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace oizys::rpc
{
namespace detail
{

class registry;

} // namespace detail

/// A set of methods. Copies refer to the same set, which lives as long as any copy and any peer that serves it.
///
/// @par Thread safety  all functions may be called from any thread, also while calls are served. A handler runs on
///                     the executor of the peer that is called: it must be safe to run in several threads only if
///                     peers run in several threads.
class OIZYS_API service
{
public:
    service();

    /// Registers `function` under `name`; it serves requests and notifications alike.
    ///
    /// Its parameters are decoded from the call's positional parameters. A first parameter `call_context&` is given
    /// the call itself, a next parameter `reply<R>` answers later; `std::optional` ones may be absent; a last one
    /// `rest<T>` takes what is left. A struct, map or value that is the only parameter takes all named ones together.
    /// Views (std::string_view) are valid until it returns.
    ///
    /// What it returns is the result, unless that says that it failed: `boost::system::result`, `outcome` or
    /// `std::expected` without a value, an error code, an error_object. What it throws becomes the answer: an rpc::error as
    /// it is, what map_error knows, anything else as internal_error.
    /// @throws std::invalid_argument  if the name is empty, taken, or reserved: it begins with "rpc." (JSON-RPC 2.0,
    ///                                section 4) or "oizys.".
    template <class F>
    service& method(std::string name, F&& function, method_options options = {})
    {
        add(make(std::move(name), std::forward<F>(function), std::move(options)), false);
        return *this;
    }

    /// The same, with names for the parameters, so that they can be given by name as well, and with defaults.
    /// @code
    /// service.method("log", {"text", arg("level") = 3}, log);
    /// @endcode
    /// @throws std::invalid_argument  also if the parameters are not those of the function; see arg.
    template <class F>
    service& method(std::string name, std::initializer_list<arg> parameters, F&& function,
                    method_options options = {})
    {
        add(make(std::move(name), parameters, std::forward<F>(function), std::move(options)), false);
        return *this;
    }

    /// The same for a member function of `object`: a pointer, a std::shared_ptr or anything else with `*`. A plain
    /// pointer's object must live as long as calls are served.
    template <class Member, class Object>
    requires std::is_member_function_pointer_v<Member> service& method(std::string name, Member member,
                                                                       Object object,
                                                                       method_options options = {})
    {
        return method(std::move(name), detail::bound_member<Member, Object>{member, std::move(object)},
                      std::move(options));
    }
    template <class Member, class Object>
    requires std::is_member_function_pointer_v<Member> service& method(std::string name,
                                                                       std::initializer_list<arg> parameters,
                                                                       Member member, Object object,
                                                                       method_options options = {})
    {
        return method(std::move(name), parameters,
                      detail::bound_member<Member, Object>{member, std::move(object)}, std::move(options));
    }

    /// The same as `method` for a name that may be taken; its method is replaced then.
    ///
    /// Calls that have begun go on with the old one, which is destroyed when the last of them and every peer that has
    /// served it has come to its next call.
    template <class F>
    service& replace(std::string name, F&& function, method_options options = {})
    {
        add(make(std::move(name), std::forward<F>(function), std::move(options)), true);
        return *this;
    }
    template <class F>
    service& replace(std::string name, std::initializer_list<arg> parameters, F&& function,
                     method_options options = {})
    {
        add(make(std::move(name), parameters, std::forward<F>(function), std::move(options)), true);
        return *this;
    }

    /// Removes a method, with the same effect on calls that have begun. Returns whether there was one.
    bool remove(std::string_view name);

    bool contains(std::string_view name) const;
    /// All methods but the fallback, by name.
    std::vector<method_info> methods() const;

    /// Serves all names that no method has: `call_context::method()` tells which one was called. Set again, it replaces
    /// the one before.
    /// @code
    /// service.fallback([](call_context& call, all<value> const& arguments) { ... });
    /// @endcode
    template <class F>
    service& fallback(F&& function, method_options options = {})
    {
        set_fallback(make({}, std::forward<F>(function), std::move(options)));
        return *this;
    }

    /// Calls `look` before each call and notification of a name like `pattern`, in which `*` stands for any text, also of
    /// names that are not there. If it throws, as a method may, the call is answered with that and not served.
    /// Interceptors run in the order of their registration, on the connection's executor.
    /// @code
    /// service.before("admin.*", [](call_context& call) {
    ///     if (call.credentials().uid != 0)
    ///         throw rpc::error{403, "only for root"};
    /// });
    /// @endcode
    service& before(std::string pattern, unique_function<void(call_context&)> look);
    service& before(unique_function<void(call_context&)> look) { return before("*", std::move(look)); }

    /// Calls `look` when a call or notification of a name like `pattern` has been answered, unless its connection has
    /// ended before. If it throws, the connection is closed with errc::handler_failed.
    service& after(std::string pattern, unique_function<void(call_context const&, call_report const&)> look);
    service& after(unique_function<void(call_context const&, call_report const&)> look)
    {
        return after("*", std::move(look));
    }

    /// Says what an E is for the other end, wherever a method throws or returns one: `map` turns an `E const&` into an
    /// error_object. The first that fits counts.
    template <class E, class F>
    requires std::is_invocable_r_v<error_object, F&, E const&> service& map_error(F map)
    {
        add_mapper([map = std::move(map)](std::exception_ptr const& thrown, error_object& out) mutable {
            try
            {
                std::rethrow_exception(thrown);
            }
            catch (E const& error)
            {
                out = map(error);
                return true;
            }
            catch (...) // of another type: the next one may know it
            {
                return false;
            }
        });
        return *this;
    }

    /// What `rpc.discover` tells of the service as a whole.
    service& about(service_info info);
    /// What `rpc.discover` answers: the OpenRPC document of all methods but the fallback. Types, names, defaults,
    /// descriptions and errors are those that the methods were registered with.
    value document() const;

    /// The methods, for who serves them.
    std::shared_ptr<detail::registry> const& registry() const noexcept { return registry_; }

private:
    template <class F>
    static detail::method_entry make(std::string name, F&& function, method_options options)
    {
        using handler = detail::handler<std::decay_t<F>>;
        return {.name = std::move(name),
                .options = std::move(options),
                .types = detail::parameter_types<typename handler::arguments>::value,
                .result = detail::result_description<typename handler::traits>(),
                .call = handler::make(std::forward<F>(function))};
    }

    template <class F>
    static detail::method_entry make(std::string name, std::initializer_list<arg> parameters, F&& function,
                                     method_options options)
    {
        auto entry = make(std::move(name), std::forward<F>(function), std::move(options));
        entry.parameters = parameters;
        detail::argument_values<typename detail::handler<std::decay_t<F>>::arguments> room;
        detail::check_parameters(entry, room.targets().data());
        return entry;
    }

    void add(detail::method_entry method, bool replaces);
    void set_fallback(detail::method_entry method);
    void add_mapper(detail::error_mapper mapper);

    std::shared_ptr<detail::registry> registry_;
};

} // namespace oizys::rpc
