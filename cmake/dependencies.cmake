# SPDX-License-Identifier: BSL-1.0
#
# What the libraries stand on. What only tests need is looked for in cmake/testing.cmake.
# Imported targets are system includes: their headers warn about nothing.

include(CheckIncludeFileCXX)
check_include_file_cxx(sys/pidfd.h OIZYS_HAS_PIDFD_H)
if(NOT OIZYS_HAS_PIDFD_H)
    message(FATAL_ERROR "oizys needs glibc 2.36 or newer: sys/pidfd.h is missing")
endif()

find_package(Boost 1.81 CONFIG REQUIRED)
find_package(Threads REQUIRED)
find_package(simdjson 3.0 CONFIG REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
