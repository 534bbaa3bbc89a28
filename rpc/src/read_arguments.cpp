// SPDX-License-Identifier: BSL-1.0
//
// Fits the arguments of a call to the parameters of a function, by position or by name.
#include "argument_mismatch.hpp"

#include <oizys/rpc/codec/kind.hpp>
#include <oizys/rpc/codec/msgpack_reader.hpp>
#include <oizys/rpc/invocation.hpp>

#include <algorithm>
#include <cstdint>

namespace oizys::rpc::detail
{
namespace
{

class argument_reader
{
public:
    argument_reader(invocation& call, method_entry const& method, void* const* targets)
        : call_{call}, method_{method}, types_{method.types}, targets_{targets}
    {
    }

    bool read_all()
    {
        auto* const in = call_.parameters();
        if (types_.size() == 1 && types_[0].how_many == takes::all)
            return in == nullptr || read_whole(*in);
        if (in == nullptr)
            return fill_from(0);
        return in->next() == kind::array ? read_by_position(*in) : read_by_name(*in);
    }

private:
    bool refuse(std::string const& what)
    {
        call_.answer_error({invalid_params, "Invalid params: " + what});
        return false;
    }

    /// What a parameter is that the call leaves out.
    bool fill(std::size_t index)
    {
        if (!method_.parameters.empty() && method_.parameters[index].has_default())
        {
            msgpack_reader in{method_.parameters[index].encoded_default()};
            return types_[index].read(in, targets_[index]) || // was tried when the method was registered
                   refuse(in.error().message());
        }
        return types_[index].optional || refuse(name_of(method_, index) + " is missing");
    }

    bool fill_from(std::size_t index)
    {
        for (; index < types_.size(); ++index)
            if (!fill(index))
                return false;
        return true;
    }

    bool read_one(reader& in, std::size_t index)
    {
        if (!types_[index].read(in, targets_[index]))
            return refuse_one(in, index);
        ++read_;
        return true;
    }

    bool refuse_one(reader& in, std::size_t index)
    {
        auto const why = in.error();
        auto const what = name_of(method_, index) + ": ";
        return refuse(what + mismatch(find_failed(), types_[index], targets_[index], why));
    }

    // Looked up again when it is needed for a message, so that what is right need not be looked at twice.
    reader& find_failed()
    {
        auto& in = *call_.parameters();
        std::size_t unknown = 0;
        std::string_view name;
        if (whole_)
            return in;
        bool const by_name = in.next() == kind::object;
        if (by_name)
            in.enter_object(unknown);
        else
            in.enter_array(unknown);
        for (std::size_t i = 0; i < read_; ++i)
        {
            if (by_name)
                in.read_key(name);
            in.skip();
        }
        if (by_name)
            in.read_key(name);
        if (in_rest_by_name_)
        {
            in.enter_array(unknown);
            for (std::size_t i = 0; i < rest_read_; ++i)
                in.skip();
        }
        return in;
    }

    bool read_whole(reader& in)
    {
        whole_ = true;
        return read_one(in, 0);
    }

    // What takes all that is left is an array where it has a name.
    bool read_rest(reader& in, std::size_t index)
    {
        if (auto const came = in.next(); came != kind::array)
            return refuse(name_of(method_, index) + ": expected an array, got " +
                          std::string{describe(came)});
        std::size_t unknown = 0;
        in.enter_array(unknown);
        in_rest_by_name_ = true;
        for (auto const before = read_; in.has_next(); ++rest_read_, read_ = before)
            if (!read_one(in, index))
                return false;
        in_rest_by_name_ = false;
        in.leave_array();
        ++read_;
        return true;
    }

    bool read_by_position(reader& in)
    {
        std::size_t unknown = 0;
        in.enter_array(unknown);
        for (std::size_t i = 0; i < types_.size(); ++i)
        {
            do
            {
                if (!in.has_next())
                    return fill_from(i);
                if (!read_one(in, i))
                    return false;
            } while (types_[i].how_many == takes::rest);
        }
        if (method_.options.extra_arguments || !in.has_next())
            return true;
        return refuse(types_.empty() ? "none are expected"
                                     : "at most " + std::to_string(types_.size()) +
                                           (types_.size() == 1 ? " is expected" : " are expected"));
    }

    bool read_by_name(reader& in)
    {
        auto const& names = method_.parameters;
        if (names.empty() && types_.size() == 1 && types_[0].how_many == takes::one &&
            (types_[0].kinds & bit_of(kind::object)) != 0)
            return read_whole(in);
        if (names.empty() && !types_.empty())
            return refuse("this method takes its parameters by position");
        std::uint64_t seen = 0; // no handler has more than 64 parameters: see the static_assert of handler
        std::size_t unknown = 0;
        std::string_view name;
        in.enter_object(unknown);
        while (in.read_key(name))
        {
            auto const index =
                static_cast<std::size_t>(std::ranges::find(names, name, &arg::name) - names.begin());
            if (index == names.size())
            {
                if (!method_.options.extra_arguments)
                    return refuse("there is no parameter of the name \"" + std::string{shortened(name)} +
                                  '"');
                in.skip();
                ++read_;
                continue;
            }
            auto const bit = std::uint64_t{1} << index;
            if ((seen & bit) != 0)
                return refuse(name_of(method_, index) + " is given twice");
            seen |= bit;
            if (!(types_[index].how_many == takes::rest ? read_rest(in, index) : read_one(in, index)))
                return false;
        }
        for (std::size_t i = 0; i < types_.size(); ++i)
            if ((seen >> i & 1) == 0 && !fill(i))
                return false;
        return true;
    }

    invocation& call_;
    method_entry const& method_;
    std::span<parameter_type const> types_;
    void* const* targets_;
    std::size_t read_ = 0;      ///< arguments so far
    std::size_t rest_read_ = 0; ///< elements so far of the named parameter that takes all that is left
    bool in_rest_by_name_ = false;
    bool whole_ = false; ///< one parameter takes all arguments
};

} // namespace

bool read_arguments(invocation& call, method_entry const& method, void* const* targets)
{
    return argument_reader{call, method, targets}.read_all();
}

} // namespace oizys::rpc::detail
