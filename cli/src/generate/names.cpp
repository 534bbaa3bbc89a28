// SPDX-License-Identifier: BSL-1.0
//
// The keywords of both languages, and the characters of their identifiers.
#include "generate/names.hpp"

#include <algorithm>
#include <span>

namespace oizys::generate
{
namespace
{

constexpr std::string_view cpp_keywords[] = {
    "alignas",     "alignof",  "and",        "and_eq",    "asm",       "auto",         "bitand",
    "bitor",       "bool",     "break",      "case",      "catch",     "char",         "char16_t",
    "char32_t",    "char8_t",  "class",      "co_await",  "co_return", "co_yield",     "compl",
    "concept",     "const",    "const_cast", "consteval", "constexpr", "constinit",    "continue",
    "decltype",    "default",  "delete",     "do",        "double",    "dynamic_cast", "else",
    "enum",        "explicit", "export",     "extern",    "false",     "float",        "for",
    "friend",      "goto",     "if",         "inline",    "int",       "long",         "mutable",
    "namespace",   "new",      "noexcept",   "not",       "not_eq",    "nullptr",      "operator",
    "or",          "or_eq",    "private",    "protected", "public",    "register",     "reinterpret_cast",
    "requires",    "return",   "short",      "signed",    "sizeof",    "static",       "static_assert",
    "static_cast", "struct",   "switch",     "template",  "this",      "thread_local", "throw",
    "true",        "try",      "typedef",    "typeid",    "typename",  "union",        "unsigned",
    "using",       "virtual",  "void",       "volatile",  "wchar_t",   "while",        "xor",
    "xor_eq",      "linux",    "unix",       "errno",     "assert",    "std",          "oizys",
    "boost",       "NULL",     "EOF",        "major",     "minor",
};

constexpr std::string_view python_keywords[] = {
    "False",    "None",   "True",  "and",   "as",     "assert",   "async",   "await", "break", "class",
    "continue", "def",    "del",   "elif",  "else",   "except",   "finally", "for",   "from",  "global",
    "if",       "import", "in",    "is",    "lambda", "nonlocal", "not",     "or",    "pass",  "raise",
    "return",   "try",    "while", "with",  "yield",  "self",     "int",     "str",   "bytes", "float",
    "bool",     "list",   "dict",  "tuple", "type",   "print",    "object",  "super", "len",
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

} // namespace

std::string identifier(std::string_view name, language l)
{
    std::string out;
    for (char const c : name)
    {
        bool const allowed = is_letter(c) || is_digit(c);
        if (out.empty() && is_digit(c))
            out = l == language::cpp ? "n" : "n_";
        // Two underscores in a row, or one in front, are others' in both languages.
        if (allowed)
            out += c;
        else if (!out.empty() && out.back() != '_')
            out += '_';
    }
    while (!out.empty() && out.back() == '_')
        out.pop_back();
    if (out.empty())
        out = "unnamed";
    auto const keywords = l == language::cpp ? std::span<std::string_view const>{cpp_keywords}
                                             : std::span<std::string_view const>{python_keywords};
    if (std::ranges::find(keywords, out) != keywords.end())
        out += '_';
    return out;
}

std::string class_name(std::string_view name, language l)
{
    std::string out;
    bool upper = true;
    for (char const c : name)
    {
        if (!is_letter(c) && !is_digit(c))
        {
            upper = true;
            continue;
        }
        out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        upper = false;
    }
    return identifier(out, l);
}

std::string literal(std::string_view text)
{
    std::string out = "\"";
    for (char const c : text)
    {
        auto const byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            (out += '\\') += c;
        else if (c == '\n')
            out += "\\n";
        else if (byte < 0x20 || byte == 0x7f) // three octal digits end by themselves
            ((((out += '\\') += static_cast<char>('0' + (byte >> 6))) +=
              static_cast<char>('0' + (byte >> 3 & 7))) += static_cast<char>('0' + (byte & 7)));
        else
            out += c;
    }
    return out + '"';
}

std::string scope::take(std::string const& wanted)
{
    auto name = wanted;
    for (int i = 2; !taken_.insert(name).second; ++i)
        name = wanted + '_' + std::to_string(i);
    return name;
}

std::string comment(std::string_view text, std::string_view before)
{
    std::string out;
    while (!text.empty())
    {
        auto const end = std::min(text.find_first_of("\r\n"), text.size());
        auto line = text.substr(0, end);
        while (line.ends_with('\\') || line.ends_with(' ')) // would go on with the next line
            line.remove_suffix(1);
        if (!line.empty())
            (((out += before) += ' ') += line) += '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

} // namespace oizys::generate
