// SPDX-License-Identifier: BSL-1.0
//
// Identifiers from names that others have chosen.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace oizys::generate
{

enum class language
{
    cpp,
    python,
};

/// `name` with `_` for what an identifier may not have; keywords get a `_` behind them.
std::string identifier(std::string_view name, language l);
/// "file_entry" as "FileEntry".
std::string class_name(std::string_view name, language l);
/// `text` as a literal, in double quotes.
std::string literal(std::string_view text);

/// Hands out names of one scope, each once.
class scope
{
public:
    scope() = default;
    explicit scope(std::set<std::string, std::less<>> taken) : taken_{std::move(taken)} {}

    /// `wanted`, or that and a number.
    std::string take(std::string const& wanted);

private:
    std::set<std::string, std::less<>> taken_;
};

/// Each line of `text` behind `before`. What could end a comment early is taken apart.
std::string comment(std::string_view text, std::string_view before);

} // namespace oizys::generate
