// SPDX-License-Identifier: BSL-1.0
//
// Runs the blocks of docs/protocol.md in which sessions agree and exchange messages, without calls.
#pragma once

#include "conformance/doc_blocks.hpp"

namespace oizys::test
{

void run_opening(block const& b);  ///< oizys connects and asks for the negotiated mode
void run_agreed(block const& b);   ///< both ends have agreed on it
void run_handover(block const& b); ///< oizys connects to shared memory

} // namespace oizys::test
