// SPDX-License-Identifier: BSL-1.0
//
// Fits the parameters of a call to the arguments of a function, by position or by name.
#include <oizys/rpc/codec/kind.hpp>
#include <oizys/rpc/invocation.hpp>

#include <algorithm>
#include <cstdint>

namespace oizys::rpc::detail
{
namespace
{

std::string name_of(std::size_t index, std::span<std::string const> names)
{
    auto text = "parameter " + std::to_string(index + 1);
    if (index < names.size())
        text += " (" + names[index] + ")";
    return text;
}

// Names come from the other end and may be long; a character is not cut into pieces.
std::string_view shortened(std::string_view name)
{
    std::size_t size = 64;
    if (name.size() <= size)
        return name;
    while (size != 0 && (static_cast<unsigned char>(name[size]) & 0xc0) == 0x80)
        --size;
    return name.substr(0, size);
}

class argument_reader
{
public:
    argument_reader(invocation& call, std::span<argument_slot const> slots,
                    std::span<std::string const> names)
        : call_{call}, slots_{slots}, names_{names}
    {
    }

    bool read_all()
    {
        auto* const in = call_.parameters();
        if (in == nullptr)
            return check_missing(0);
        return in->next() == kind::array ? read_by_position(*in) : read_by_name(*in);
    }

private:
    bool refuse(std::string const& what)
    {
        call_.answer_error({invalid_params, "Invalid params: " + what});
        return false;
    }

    bool check_missing(std::size_t from)
    {
        for (auto i = from; i < slots_.size(); ++i)
            if (!slots_[i].optional)
                return refuse(name_of(i, names_) + " is missing");
        return true;
    }

    bool read_one(reader& in, std::size_t index)
    {
        auto const& slot = slots_[index];
        if (!slot.read(in, slot.target))
            return refuse_one(in, index);
        ++read_;
        return true;
    }

    bool refuse_one(reader& in, std::size_t index)
    {
        auto const& slot = slots_[index];
        auto const why = in.error();
        auto text = name_of(index, names_) + ": " + why.message();
        if (why == codec_errc::wrong_type && slot.expected != nullptr)
            text = name_of(index, names_) + ": expected " + slot.expected + ", got " +
                   std::string{describe(kind_that_failed())};
        return refuse(text);
    }

    // Looked up again when it is needed for a message, so that what is right need not be looked at twice.
    kind kind_that_failed()
    {
        auto& in = *call_.parameters();
        std::size_t unknown = 0;
        std::string_view name;
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
        return in.next();
    }

    // What takes all that is left is an array where it has a name.
    bool read_rest(reader& in, std::size_t index)
    {
        if (auto const came = in.next(); came != kind::array)
            return refuse(name_of(index, names_) + ": expected an array, got " + std::string{describe(came)});
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
        for (std::size_t i = 0; i < slots_.size(); ++i)
        {
            do
            {
                if (!in.has_next())
                    return check_missing(i);
                if (!read_one(in, i))
                    return false;
            } while (slots_[i].rest);
        }
        if (!in.has_next())
            return true;
        return refuse(slots_.empty() ? "none are expected"
                                     : "at most " + std::to_string(slots_.size()) +
                                           (slots_.size() == 1 ? " is expected" : " are expected"));
    }

    bool read_by_name(reader& in)
    {
        if (names_.empty() && !slots_.empty())
            return refuse("this method takes its parameters by position");
        std::uint64_t seen = 0; // no handler has more than 64 parameters: see the static_assert of serve
        std::size_t unknown = 0;
        std::string_view name;
        in.enter_object(unknown);
        while (in.read_key(name))
        {
            auto const index = static_cast<std::size_t>(std::ranges::find(names_, name) - names_.begin());
            if (index == names_.size())
                return refuse("there is no parameter of the name \"" + std::string{shortened(name)} + '"');
            auto const bit = std::uint64_t{1} << index;
            if ((seen & bit) != 0)
                return refuse(name_of(index, names_) + " is given twice");
            seen |= bit;
            if (!(slots_[index].rest ? read_rest(in, index) : read_one(in, index)))
                return false;
        }
        for (std::size_t i = 0; i < slots_.size(); ++i)
            if ((seen >> i & 1) == 0 && !slots_[i].optional)
                return refuse(name_of(i, names_) + " is missing");
        return true;
    }

    invocation& call_;
    std::span<argument_slot const> slots_;
    std::span<std::string const> names_;
    std::size_t read_ = 0;      ///< parameters so far
    std::size_t rest_read_ = 0; ///< elements so far of the named parameter that takes all that is left
    bool in_rest_by_name_ = false;
};

} // namespace

bool read_arguments(invocation& call, std::span<argument_slot const> slots,
                    std::span<std::string const> names)
{
    return argument_reader{call, slots, names}.read_all();
}

} // namespace oizys::rpc::detail
