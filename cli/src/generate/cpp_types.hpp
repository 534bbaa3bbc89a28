// SPDX-License-Identifier: BSL-1.0
//
// The types of a model as C++ types.
#pragma once

#include "generate/model.hpp"
#include "generate/names.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace oizys::generate
{

/// Which declarations become types, in which order, and what they and all other types are called.
class cpp_types
{
public:
    cpp_types(model const& m, std::string name_space);

    /// Structs and enumerations, in an order in which each comes behind what it holds; but it may hold vectors and maps
    /// of any of them.
    std::vector<declaration const*> const& ordered() const noexcept { return ordered_; }
    /// The C++ name of a declaration.
    std::string const& name_of(declaration const& d) const { return names_.at(d.name); }

    std::string text(type const& t) const { return text(t, true); }
    /// As a parameter that may be absent.
    std::string optional_text(type const& t, bool required) const { return optional_text(t, required, true); }
    /// As a member of `holder`; what would hold itself is any value instead.
    std::string member_text(declaration const& holder, member const& m) const;
    /// Whether it is cheaper to copy than to refer to.
    bool is_small(type const& t) const;

private:
    type const& resolved(type const& t) const;
    std::string text(type const& t, bool all_complete) const;
    std::string optional_text(type const& t, bool required, bool all_complete) const;
    std::string choice_text(type const& t, bool all_complete) const;
    bool leads_to_itself(declaration const& alias, type const& t, std::set<std::string>& seen) const;
    void place(declaration const& d);
    void place_parts(type const& t);

    model const& model_;
    std::string namespace_; ///< type names are spelt with it: members and functions may be called the same
    std::map<std::string, std::string> names_;
    std::set<std::string> endless_; ///< aliases of themselves
    std::set<std::string> placed_;
    std::vector<declaration const*> ordered_;
    mutable std::set<std::string> complete_; ///< while a member is spelt: what stands before its struct
};

} // namespace oizys::generate
