// SPDX-License-Identifier: BSL-1.0
#include "command_words.hpp"

#include <cstddef>

namespace oizys::detail
{
namespace
{

constexpr std::string_view white_space = " \t\r\n";

/// Reads one word, which begins at the front, up to the white space behind it.
class word_reader
{
public:
    explicit word_reader(std::string_view text) : text_{text} {}

    bool read()
    {
        while (!text_.empty() && white_space.find(text_.front()) == white_space.npos)
        {
            auto const c = take();
            bool const whole = c == '\'' ? single_quoted() : c == '"' ? double_quoted() : plain(c);
            if (!whole)
                return false;
        }
        return true;
    }

    std::string const& word() const { return word_; }
    std::string_view rest() const { return text_; }

private:
    char take()
    {
        auto const c = text_.front();
        text_.remove_prefix(1);
        return c;
    }

    bool plain(char c)
    {
        if (c == '\\' && text_.empty())
            return false;
        word_ += c == '\\' ? take() : c;
        return true;
    }

    bool single_quoted()
    {
        auto const end = text_.find('\'');
        if (end == text_.npos)
            return false;
        word_.append(text_.substr(0, end));
        text_.remove_prefix(end + 1);
        return true;
    }

    bool double_quoted()
    {
        while (!text_.empty())
        {
            auto const c = take();
            if (c == '"')
                return true;
            bool const escapes = c == '\\' && (text_.starts_with('"') || text_.starts_with('\\'));
            word_ += escapes ? take() : c;
        }
        return false;
    }

    std::string_view text_;
    std::string word_;
};

} // namespace

std::optional<std::vector<std::string>> split_command(std::string_view text)
{
    std::vector<std::string> words;
    for (;;)
    {
        auto const begin = text.find_first_not_of(white_space);
        if (begin == text.npos)
            return words;
        word_reader reader{text.substr(begin)};
        if (!reader.read())
            return std::nullopt;
        words.push_back(reader.word());
        text = reader.rest();
    }
}

std::string join_command(std::vector<std::string> const& words)
{
    std::string text;
    for (auto const& word : words)
    {
        if (!text.empty())
            text += ' ';
        if (!word.empty() && word.find_first_of(" \t\r\n'\"\\") == word.npos)
        {
            text += word;
            continue;
        }
        text += '\'';
        for (char const c : word)
            c == '\'' ? text.append("'\\''") : text.append(1, c);
        text += '\'';
    }
    return text;
}

} // namespace oizys::detail
