// SPDX-License-Identifier: BSL-1.0
#include "print_value.hpp"

#include "text.hpp"

#include <oizys/rpc/codec/json_writer.hpp>

#include <unistd.h>

#include <cmath>

namespace oizys::cli
{
namespace
{

constexpr std::size_t line_width = 76;

std::string_view view(rpc::bytes const& v) { return {reinterpret_cast<char const*>(v.data()), v.size()}; }

template <class Write>
std::string written(Write write)
{
    std::string out;
    rpc::json_writer to{out};
    write(to);
    return without_controls(std::move(out));
}

std::string base64(std::string_view v)
{
    return written([&](rpc::json_writer& to) { to.write_binary(v); });
}

std::string quoted(std::string_view v)
{
    if (!is_utf8(v))
        return base64(v);
    return written([&](rpc::json_writer& to) { to.write_string(v); });
}

std::string number(double v)
{
    if (std::isnan(v))
        return "\"NaN\"";
    if (std::isinf(v))
        return v > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    return written([&](rpc::json_writer& to) { to.write_double(v); });
}

/// Visits one value; what is in it is printed by `Self`.
class printer
{
public:
    printer(palette const& colours, bool wrap) : colours_{colours}, wrap_{wrap} {}

    std::string take() { return std::move(out_); }

    void print(rpc::value const& v) { std::visit(*this, v.data()); }

    void operator()(std::monostate) { put(tone::word, "null"); }
    void operator()(bool v) { put(tone::word, v ? "true" : "false"); }
    void operator()(std::int64_t v) { put(tone::number, std::to_string(v)); }
    void operator()(std::uint64_t v) { put(tone::number, std::to_string(v)); }
    void operator()(double v) { put(tone::number, number(v)); }
    void operator()(std::string const& v) { put(tone::text, quoted(v)); }
    void operator()(rpc::bytes const& v) { put(tone::text, base64(view(v))); }
    void operator()(rpc::extension const& v) { print(rpc::object{{"type", v.type}, {"data", v.data}}); }
    void operator()(rpc::array const& v)
    {
        container('[', ']', v, [&](rpc::value const& element) { print(element); });
    }
    void operator()(rpc::object const& v)
    {
        container('{', '}', v, [&](rpc::object::member const& member) {
            put(tone::name, quoted(member.first));
            out_ += colon();
            print(member.second);
        });
    }

private:
    void put(tone how, std::string_view text) { out_ += colours_.paint(how, text); }
    char const* colon() const { return wrap_ ? ": " : ":"; }

    template <class Container, class Print>
    void container(char open, char close, Container const& elements, Print print_element)
    {
        bool const broken = wrap_ && elements.size() > 0 && !fits(elements);
        out_ += open;
        indent_ += 2;
        bool first = true;
        for (auto const& element : elements)
        {
            if (!first)
                out_ += wrap_ && !broken ? ", " : ",";
            first = false;
            if (broken)
                new_line();
            print_element(element);
        }
        indent_ -= 2;
        if (broken)
            new_line();
        out_ += close;
    }

    void new_line() { out_.append(1, '\n').append(indent_, ' '); }

    /// Nothing is wrapped within what fits, so this looks at each value at most as often as it is deep.
    template <class Container>
    bool fits(Container const& elements) const
    {
        return elements.size() <= line_width && compact(rpc::value{elements}).size() + indent_ <= line_width;
    }

    palette const& colours_;
    bool wrap_;
    std::size_t indent_ = 0;
    std::string out_;
};

} // namespace

std::string compact(rpc::value const& v)
{
    palette const none;
    printer to{none, false};
    to.print(v);
    return to.take();
}

std::string pretty(rpc::value const& v, palette const& colours)
{
    printer to{colours, true};
    to.print(v);
    return to.take();
}

std::string for_stdout(rpc::value const& v, bool always_compact)
{
    return always_compact || !is_terminal(STDOUT_FILENO) ? compact(v) : pretty(v, palette_for(STDOUT_FILENO));
}

} // namespace oizys::cli
