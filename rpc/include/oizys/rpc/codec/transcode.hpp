// SPDX-License-Identifier: BSL-1.0
//
// Turns a value of one codec into the same value of another one, without building it.
#pragma once

#include <oizys/api.hpp>
#include <oizys/rpc/codec/reader.hpp>
#include <oizys/rpc/codec/writer.hpp>

namespace oizys::rpc
{

/// Reads one value and writes it. Returns whether both went well; if not, one of the two has an error.
/// msgpack's integer keys become text in JSON, binary data becomes base64; an extension, NaN or a key that
/// is neither text nor an integer cannot be turned into JSON. Does not recurse.
OIZYS_API bool transcode(reader& in, writer& out);

} // namespace oizys::rpc
