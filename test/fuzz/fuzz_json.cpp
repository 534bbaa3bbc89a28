// SPDX-License-Identifier: BSL-1.0
//
// Fuzzes the JSON reader: skipping, going back, reading, writing and transcoding must agree with each other,
// and typed reads must end with a value or an error. The way for plain texts must agree with the way for all.
#include "codec/json_reader.hpp"
#include "support/json_scans.hpp"

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
void read_as(std::string_view text)
{
    auto const v = from_json<T>(text);
    if (v)
        require(to_json(from_json<T>(to_json(*v)).value()) == to_json(*v));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    require(oizys::test::scans_agree(text, 64) && oizys::test::scans_agree(text, 3));
    json_reader in;
    bool const ok = in.start(text);
    require(ok == !in.error());
    if (!ok)
    {
        require(in.next() == kind::none && !in.skip() && !from_json<value>(text));
        return 0;
    }
    auto const begin = in.mark();
    std::string_view raw;
    require(in.read_raw(raw) && in.next() == kind::none);
    json_reader sliced;
    require(sliced.start(raw));

    in.rewind(begin);
    value v;
    if (!read(in, v))
    {
        require(in.error() == codec_errc::out_of_range);
        return 0;
    }
    std::string const written = to_json(v);
    require(from_json<value>(written).value() == v);

    in.rewind(begin);
    std::string packed;
    msgpack_writer to{packed};
    require(transcode(in, to) && packed == to_msgpack(v) && from_msgpack<value>(packed).value() == v);

    read_as<std::vector<std::string>>(text);
    read_as<std::map<std::string, double>>(text);
    read_as<std::map<int, std::vector<std::optional<int>>>>(text);
    read_as<std::variant<std::monostate, bool, std::int64_t, float, bytes>>(text);
    read_as<std::tuple<std::string, std::pair<int, double>>>(text);
    return 0;
}
