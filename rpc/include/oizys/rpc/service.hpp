// SPDX-License-Identifier: BSL-1.0
//
// Functions that others may call, by name.
#pragma once

#include <oizys/api.hpp>
#include <oizys/function.hpp>
#include <oizys/rpc/handler.hpp>

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
    /// `rest<T>` takes what is left. Views (std::string_view) are valid until it returns. What it throws becomes the
    /// answer: an rpc::error as it is, anything else as internal_error.
    /// @throws std::invalid_argument  if the name is empty, taken, or reserved: it begins with "rpc." (JSON-RPC 2.0,
    ///                                section 4) or "oizys.".
    template <class F>
    service& method(std::string name, F&& function)
    {
        add(std::move(name), {}, adapt(std::forward<F>(function)));
        return *this;
    }

    /// The same, with names for the parameters, so that they can be given by name as well.
    template <class F>
    service& method(std::string name, std::initializer_list<std::string_view> parameter_names, F&& function)
    {
        using arguments = typename detail::signature_of<std::decay_t<F>>::arguments;
        check_names(name, parameter_names.size(), std::tuple_size_v<arguments>);
        add(std::move(name), {parameter_names.begin(), parameter_names.end()},
            adapt(std::forward<F>(function)));
        return *this;
    }

    /// The methods, for who serves them.
    std::shared_ptr<detail::registry> const& registry() const noexcept { return registry_; }

private:
    using method_function = unique_function<void(invocation&, std::span<std::string const>)>;

    template <class F>
    static method_function adapt(F&& function)
    {
        return [f = std::decay_t<F>(std::forward<F>(function))](invocation& call,
                                                                std::span<std::string const> names) mutable {
            detail::serve(f, call, names);
        };
    }

    static void check_names(std::string_view method, std::size_t names, std::size_t parameters);
    void add(std::string name, std::vector<std::string> parameter_names, method_function call);

    std::shared_ptr<detail::registry> registry_;
};

} // namespace oizys::rpc
