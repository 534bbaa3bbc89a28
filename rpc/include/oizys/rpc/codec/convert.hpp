// SPDX-License-Identifier: BSL-1.0
//
// Conversion between C++ types and the wire: read(reader&, T&) and write(writer&, T const&) for arithmetic
// types, enumerations, text, bytes, optional, containers, tuples, variants, durations, times and described structs.
#pragma once

#include <oizys/rpc/codec/convert/chrono.hpp>
#include <oizys/rpc/codec/convert/container.hpp>
#include <oizys/rpc/codec/convert/conversion.hpp>
#include <oizys/rpc/codec/convert/core.hpp>
#include <oizys/rpc/codec/convert/enum.hpp>
#include <oizys/rpc/codec/convert/extension.hpp>
#include <oizys/rpc/codec/convert/number.hpp>
#include <oizys/rpc/codec/convert/optional.hpp>
#include <oizys/rpc/codec/convert/string.hpp>
#include <oizys/rpc/codec/convert/struct.hpp>
#include <oizys/rpc/codec/convert/timestamp.hpp>
#include <oizys/rpc/codec/convert/tuple.hpp>
#include <oizys/rpc/codec/convert/variant.hpp>
