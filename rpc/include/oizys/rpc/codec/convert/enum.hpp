// SPDX-License-Identifier: BSL-1.0
//
// Conversion of enumerations: written as their number, or by name where conversion<E>::by_name says so. One that is
// described with BOOST_DESCRIBE_ENUM can be read by name and by number, and only its enumerators are accepted.
#pragma once

#include <oizys/rpc/codec/convert/conversion.hpp>
#include <oizys/rpc/codec/convert/number.hpp>

#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>

#include <string_view>
#include <type_traits>

namespace oizys::rpc
{

template <class E>
requires std::is_enum_v<E>
struct codec<E>
{
    using number = std::underlying_type_t<E>;
    static constexpr bool described = boost::describe::has_describe_enumerators<E>::value;

    static bool read(reader& in, E& out)
    {
        if constexpr (described)
        {
            if (in.next() == kind::string)
            {
                std::string_view name;
                return in.read_string(name) &&
                       (find([&](auto d) { return name_of<decltype(d)> == name; }, out) ||
                        in.fail(codec_errc::unknown_enumerator));
            }
        }
        number v{};
        if (!rpc::read(in, v))
            return false;
        if constexpr (described)
            return find([&](auto d) { return static_cast<number>(d.value) == v; }, out) ||
                   in.fail(codec_errc::unknown_enumerator);
        out = static_cast<E>(v);
        return true;
    }
    static void write(writer& out, E v)
    {
        if constexpr (detail::written_by_name<E>())
        {
            static_assert(described, "an enumeration is written by name only if it is described");
            bool found = false;
            boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto d) {
                if (!found && d.value == v)
                {
                    out.write_string(name_of<decltype(d)>);
                    found = true;
                }
            });
            if (!found)
                out.fail(codec_errc::unknown_enumerator);
        }
        else
            rpc::write(out, static_cast<number>(v));
    }
    static constexpr bool accepts(kind k)
    {
        return rpc::accepts<number>(k) || (described && k == kind::string);
    }

private:
    template <class Descriptor>
    static constexpr std::string_view name_of = detail::enumerator_field<E, Descriptor>().name;

    template <class Test>
    static bool find(Test test, E& out)
    {
        bool found = false;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto d) {
            if (!found && test(d))
            {
                out = d.value;
                found = true;
            }
        });
        return found;
    }
};

} // namespace oizys::rpc
