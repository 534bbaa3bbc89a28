// SPDX-License-Identifier: BSL-1.0
//
// The compiled part of from_json and from_msgpack: a whole text or message holds one value.
#include <oizys/rpc/codec/json.hpp>
#include <oizys/rpc/codec/msgpack.hpp>
#include <oizys/rpc/codec/msgpack_reader.hpp>

#include "codec/json_reader_lease.hpp"

#include <boost/system/system_error.hpp>

namespace oizys::rpc::detail
{

void throw_error(boost::system::error_code why) { throw boost::system::system_error{why}; }

boost::system::error_code read_json(std::string_view text, codec_limits limits, void* out,
                                    bool (*read)(reader&, void*))
{
    json_reader_lease in{limits};
    if (in->start(text))
        read(*in, out); // an error is kept
    return in->error();
}

boost::system::error_code read_msgpack(std::string_view data, codec_limits limits, void* out,
                                       bool (*read)(reader&, void*))
{
    msgpack_reader in{data, limits};
    if (read(in, out) && !in.rest().empty())
        in.fail(codec_errc::trailing_bytes);
    return in.error();
}

} // namespace oizys::rpc::detail
