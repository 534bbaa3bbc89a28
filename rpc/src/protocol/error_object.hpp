// SPDX-License-Identifier: BSL-1.0
//
// Error objects of peers that have their own idea of one.
#pragma once

#include <oizys/rpc/protocol/error.hpp>

namespace oizys::rpc::detail
{

/// Makes the best of whatever another end sent as an error:
/// an object with "code" and "message" (JSON-RPC, oizys), an array of a number and a text (Neovim),
/// a text (many MessagePack-RPC libraries). Anything else becomes the data of an internal error.
error_object to_error_object(value error);

} // namespace oizys::rpc::detail
