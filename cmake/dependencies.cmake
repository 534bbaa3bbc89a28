# SPDX-License-Identifier: BSL-1.0
#
# What the libraries stand on. What only tests need is looked for in cmake/testing.cmake.
# Imported targets are system includes: their headers warn about nothing.

find_package(Boost 1.81 CONFIG REQUIRED)
find_package(Threads REQUIRED)
find_package(simdjson 3.0 CONFIG REQUIRED)
