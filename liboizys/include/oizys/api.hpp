// SPDX-License-Identifier: BSL-1.0
//
// Marks what the shared libraries export; everything else stays hidden.
#pragma once

#define OIZYS_API __attribute__((visibility("default")))
