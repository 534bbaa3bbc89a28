// SPDX-License-Identifier: BSL-1.0
//
// Fuzzes the msgpack reader: reading and skipping must agree, what was read is written and read again, and
// typed reads must end with a value or an error.
#include "codec/json_reader.hpp"

#include <oizys/rpc/codec/json.hpp>
#include <oizys/rpc/codec/msgpack.hpp>
#include <oizys/rpc/codec/msgpack_reader.hpp>
#include <oizys/rpc/codec/transcode.hpp>
#include <oizys/rpc/codec/value.hpp>

#include <cstdint>
#include <cstdlib>
#include <map>

using namespace oizys::rpc;

namespace
{

void require(bool ok)
{
    if (!ok)
        std::abort();
}

template <class T>
void read_as(std::string_view data)
{
    auto const v = from_msgpack<T>(data);
    if (v)
        require(to_msgpack(from_msgpack<T>(to_msgpack(*v)).value()) == to_msgpack(*v));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string_view const bytes_in{reinterpret_cast<char const*>(data), size};
    msgpack_reader skipping{bytes_in};
    std::string_view raw;
    bool const skipped = skipping.read_raw(raw);
    require(skipped == !skipping.error() && skipping.position() <= size);

    msgpack_reader in{bytes_in};
    value v;
    bool const ok = read(in, v);
    require(ok == !in.error());
    if (!ok)
    {
        // Skipping does not mind names that are no names.
        require(!skipped || in.error() == codec_errc::wrong_type);
        return 0;
    }
    require(skipped && in.position() == raw.size() && in.position() == skipping.position());

    // Bytes are compared, for NaN is not equal to itself.
    std::string const written = to_msgpack(v);
    require(to_msgpack(from_msgpack<value>(written).value()) == written);

    msgpack_reader again{raw};
    std::string text;
    json_writer to{text};
    if (transcode(again, to))
    {
        json_reader json;
        require(json.start(text) && json.skip());
    }

    read_as<std::vector<std::string>>(bytes_in);
    read_as<std::map<std::string, double>>(bytes_in);
    read_as<std::map<int, std::vector<std::optional<int>>>>(bytes_in);
    read_as<std::variant<std::monostate, bool, std::int64_t, float, bytes>>(bytes_in);
    read_as<std::tuple<std::string, std::pair<int, double>>>(bytes_in);
    return 0;
}
