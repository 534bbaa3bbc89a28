// SPDX-License-Identifier: BSL-1.0
#include "protocol/jsonrpc.hpp"

#include "codec/json_number.hpp"
#include "codec/json_string.hpp"
#include "protocol/error_object.hpp"

#include <oizys/rpc/codec/convert/core.hpp>

#include <cstring>
#include <utility>

namespace oizys::rpc::detail
{
namespace
{

void append_number(std::string& out, std::int64_t number) { json_writer{out}.write_int64(number); }

bool append_method(std::string& out, std::string_view method)
{
    bool const is_utf8 = append_json_string(out, method);
    out.append(R"(,"params":)");
    return is_utf8;
}

enum class member : std::uint8_t
{
    jsonrpc,
    method,
    params,
    id,
    result,
    error,
    metadata,
    other,
};

// By length first: this is asked for each member of each message.
member member_of(std::string_view key) noexcept
{
    switch (key.size())
    {
    case 2: return key == "id" ? member::id : member::other;
    case 5: return key == "error" ? member::error : key == "oizys" ? member::metadata : member::other;
    case 6:
        return key == "method"   ? member::method
               : key == "params" ? member::params
               : key == "result" ? member::result
                                 : member::other;
    case 7: return key == "jsonrpc" ? member::jsonrpc : member::other;
    default: return member::other;
    }
}

// Our ids are small decimal numbers; anything else answers a call that was not made here.
bool parse_own_id(std::string_view raw, std::uint32_t& id) noexcept
{
    if (!is_digit(raw.front()))
        return false;
    auto const number = parse_integer(raw.data(), raw.data() + raw.size());
    id = static_cast<std::uint32_t>(number.magnitude);
    return number.is == integer_text::fits && number.magnitude == id;
}

} // namespace

jsonrpc::decoder::decoder(std::string_view message, codec_limits limits, bool version_required)
    : json_{limits}, version_required_{version_required}
{
    well_formed_ = json_->start(message);
    if (!well_formed_)
        return;
    left_ = 1;
    next_element_ = json_->mark();
    is_batch_ = json_->first() == '[';
    if (!is_batch_)
        return;
    std::size_t unknown = 0;
    json_->enter_array(unknown);
    next_element_ = json_->mark();
    for (batch_size_ = 0; json_->next() != kind::none; ++batch_size_)
        json_->skip();
    left_ = batch_size_;
}

bool jsonrpc::decoder::next(envelope& out)
{
    if (left_ == 0)
        return false;
    --left_;
    json_->rewind(next_element_);
    out = {};
    if (!read_envelope(out))
        out.what = envelope::type::invalid;
    if (left_ != 0)
    {
        json_->rewind(next_element_);
        json_->skip();
        next_element_ = json_->mark();
    }
    return true;
}

// The text is known to be well-formed; what can be wrong is what it says. Members may come in any order.
bool jsonrpc::decoder::read_envelope(envelope& out)
{
    if (json_->first() != '{')
        return false;
    bool versioned = !version_required_;
    bool mistaken = false; // a known name with a value that it cannot have
    bool has_method = false;
    bool has_result = false;
    bool has_id = false;

    std::size_t unknown = 0;
    json_->enter_object(unknown);
    std::string_view key;
    while (json_->read_key(key))
    {
        char const first = json_->first();
        bool const structured = first == '[' || first == '{';
        switch (member_of(key))
        {
        case member::jsonrpc:
        {
            std::string_view version;
            versioned = first == '"' && json_->read_string(version) && version == "2.0";
            mistaken |= !versioned;
            if (first != '"')
                json_->skip();
            break;
        }
        case member::method:
            has_method = first == '"' && json_->read_string(out.method);
            mistaken |= !has_method;
            if (!has_method)
                json_->skip();
            break;
        case member::params:
            out.has_body = structured;
            mistaken |= !structured;
            body_ = json_->mark();
            json_->skip();
            break;
        case member::id:
            has_id = !structured && first != 't' && first != 'f';
            mistaken |= !has_id;
            if (!has_id || !json_->read_raw(out.id))
                json_->skip();
            break;
        case member::result:
            has_result = true;
            if (!out.is_error)
                body_ = json_->mark();
            json_->skip();
            break;
        case member::error:
            // Some send "error": null beside a result.
            if (first != 'n')
            {
                out.is_error = true;
                body_ = json_->mark();
            }
            json_->skip();
            break;
        case member::metadata: mistaken |= !read_metadata(out); break;
        case member::other: json_->skip(); break;
        }
    }
    json_->leave_object();

    if (!has_method && (has_result || out.is_error))
    {
        out.has_body = true;
        bool const ours = has_id && parse_own_id(out.id, out.answers);
        out.what = ours ? envelope::type::response : envelope::type::ignored;
        return true;
    }
    if (mistaken || !has_method || !versioned)
        return false;
    out.what = has_id ? envelope::type::request : envelope::type::notification;
    return true;
}

bool jsonrpc::decoder::read_metadata(envelope& out)
{
    auto const at = json_->mark();
    if (detail::read_metadata(*json_, metadata_.emplace()))
    {
        out.metadata = &*metadata_;
        return true;
    }
    json_->rewind(at);
    json_->skip();
    return false;
}

reader& jsonrpc::decoder::body()
{
    json_->restart(body_);
    return *json_;
}

bool jsonrpc::begin_request(std::string& out, std::uint32_t id, std::string_view method, bool)
{
    out.append(R"({"jsonrpc":"2.0","id":)");
    constexpr std::string_view behind = R"(,"method":)";
    char text[20 + behind.size()];
    char* const digits_end = text + 20;
    std::memcpy(digits_end, behind.data(), behind.size());
    char const* const digits = put_decimal(digits_end, id);
    out.append(digits, static_cast<std::size_t>(text + sizeof text - digits));
    return append_method(out, method);
}

bool jsonrpc::begin_notification(std::string& out, std::string_view method)
{
    out.append(R"({"jsonrpc":"2.0","method":)");
    return append_method(out, method);
}

bool jsonrpc::put_metadata(std::string& out, call_metadata const& metadata)
{
    out.append(R"(,"oizys":)");
    json_writer w{out};
    write_metadata(w, metadata);
    return !w.failed();
}

void jsonrpc::begin_result(std::string& out, std::string_view)
{
    out.append(R"({"jsonrpc":"2.0","result":)");
}

void jsonrpc::end_result(std::string& out, std::string_view id)
{
    out.append(R"(,"id":)");
    out.append(id);
    out.push_back('}');
}

void jsonrpc::write_error(std::string& out, std::string_view id, error_object const& error)
{
    out.append(R"({"jsonrpc":"2.0","error":{"code":)");
    append_number(out, error.code);
    out.append(R"(,"message":)");
    auto const message_at = out.size();
    json_writer message{out};
    message.write_string(error.message);
    if (message.error()) // what() of somebody's exception need not be UTF-8
    {
        out.resize(message_at);
        out.append("\"(the message is not UTF-8)\"");
    }
    if (error.data != value{})
    {
        auto const data_at = out.size();
        out.append(R"(,"data":)");
        json_writer data{out, within({}, envelope_depth + 1)};
        rpc::write(data, error.data);
        if (data.error())
            out.resize(data_at); // the code and the message matter more than data that JSON cannot hold
    }
    out.push_back('}');
    end_result(out, id.empty() ? "null" : id);
}

bool jsonrpc::read_error(reader& in, error_object& out)
{
    value error;
    if (!rpc::read(in, error))
        return false;
    out = to_error_object(std::move(error));
    return true;
}

} // namespace oizys::rpc::detail
