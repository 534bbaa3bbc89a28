// SPDX-License-Identifier: BSL-1.0
#include "conformance/doc_blocks.hpp"

#include <sstream>
#include <stdexcept>

namespace oizys::test
{
namespace
{

void skip_blanks(std::string const& text, std::size_t& at)
{
    while (at < text.size() && text[at] == ' ')
        ++at;
}

// `'text'`, or `'text' * 7`.
std::string quoted_at(std::string const& literal, std::size_t& at)
{
    auto const end = literal.find('\'', at + 1);
    if (end == std::string::npos)
        throw std::runtime_error{"a quote is missing: " + literal};
    auto const text = literal.substr(at + 1, end - at - 1);
    at = end + 1;
    skip_blanks(literal, at);
    if (at == literal.size() || literal[at] != '*')
        return text;
    std::size_t used = 0;
    auto const times = std::stoul(literal.substr(++at), &used);
    at += used;
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

} // namespace

std::vector<block> blocks_of(std::string const& page)
{
    std::vector<block> blocks;
    std::istringstream in{page};
    std::string text;
    bool inside = false;
    for (std::size_t number = 1; std::getline(in, text); ++number)
    {
        std::istringstream words{text};
        std::string word;
        if (text.starts_with("```"))
        {
            inside = !inside;
            if (!inside)
                continue;
            auto& b = blocks.emplace_back();
            b.at_line = number;
            words.ignore(3);
            words >> b.kind;
            while (words >> word)
            {
                auto const equals = word.find('=');
                if (equals == std::string::npos)
                    b.words.push_back(word);
                else
                    b.options[word.substr(0, equals)] = std::stoul(word.substr(equals + 1));
            }
        }
        else if (inside && words >> word)
        {
            std::string rest;
            std::getline(words >> std::ws, rest);
            blocks.back().lines.push_back({word, rest});
        }
    }
    return blocks;
}

std::string bytes_of(std::string const& literal)
{
    std::string bytes;
    for (std::size_t at = 0;;)
    {
        skip_blanks(literal, at);
        if (at == literal.size() || literal[at] == '#')
            return bytes;
        if (literal[at] == '\'')
        {
            bytes += quoted_at(literal, at);
            continue;
        }
        std::size_t used = 0;
        bytes += static_cast<char>(std::stoi(literal.substr(at, 2), &used, 16));
        if (used != 2)
            throw std::runtime_error{"not two digits: " + literal.substr(at)};
        at += 2;
    }
}

framing framing_of(std::string const& name)
{
    std::map<std::string, framing> const names{{"header24", framing::header24},
                                               {"json_text", framing::json_text},
                                               {"newline", framing::newline},
                                               {"content_length", framing::content_length},
                                               {"msgpack_object", framing::msgpack_object},
                                               {"detect", framing::detect}};
    return names.at(name);
}

errc error_of(std::string const& name)
{
    std::map<std::string, errc> const names{{"bad_frame", errc::bad_frame},
                                            {"message_too_large", errc::message_too_large},
                                            {"malformed_message", errc::malformed_message},
                                            {"unknown_protocol", errc::unknown_protocol},
                                            {"hello_malformed", errc::hello_malformed},
                                            {"serializer_unsupported", errc::serializer_unsupported},
                                            {"frame_length_unacceptable", errc::frame_length_unacceptable},
                                            {"too_many_connections", errc::too_many_connections},
                                            {"bad_payload", errc::bad_payload},
                                            {"bad_descriptors", errc::bad_descriptors},
                                            {"bad_shared_memory", errc::bad_shared_memory}};
    return names.at(name);
}

std::size_t option(block const& b, std::string const& name, std::size_t otherwise)
{
    auto const found = b.options.find(name);
    return found == b.options.end() ? otherwise : found->second;
}

session_options session_options_of(block const& b)
{
    session_options options;
    options.max_message = option(b, "max_message", options.max_message);
    options.negotiation.enabled = option(b, "negotiate", 0) != 0;
    options.negotiation.ping_interval = {};
    options.negotiation.shared_from = option(b, "shared_from", options.negotiation.shared_from);
    return options;
}

} // namespace oizys::test
