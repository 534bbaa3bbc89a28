#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
#
# Builds and runs consumer.cpp in every way that a user may: with CMake and with pkg-config, against
# shared and static libraries, and with oizys as a part of the consumer's own project.
set -euo pipefail

source_dir=$1 # the repository
build_dir=$2  # a build of it with shared libraries
work=$build_dir/consumer
static_build=$build_dir-static # beside the other build: ccache then finds the same objects again
cxx=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build_dir/CMakeCache.txt")
launcher=$(command -v ccache || true)

configure() # BUILD-FOLDER SOURCE-FOLDER OPTION...
{
    cmake -G Ninja -B "$1" -S "$2" -DCMAKE_CXX_COMPILER="$cxx" "${@:3}" >"$work/log" || { cat "$work/log"; exit 1; }
}

build() # BUILD-FOLDER
{
    cmake --build "$1" >"$work/log" || { cat "$work/log"; exit 1; }
}

consume() # NAME OPTION...
{
    echo "== $1"
    configure "$work/$1" "$source_dir/test/consumer" -DCMAKE_BUILD_TYPE=Debug "${@:2}"
    build "$work/$1"
    "$work/$1/consumer"
}

consume_with_pkg_config() # NAME PREFIX OPTION...
{
    echo "== $1"
    local flags
    flags=$(PKG_CONFIG_PATH=$(dirname "$(find "$2" -name oizys-rpc.pc)") pkg-config "${@:3}" --cflags --libs oizys-rpc)
    # shellcheck disable=SC2086 # the flags are many words
    $launcher "$cxx" -std=c++20 -c "$source_dir/test/consumer/consumer.cpp" $flags -o "$work/$1.o"
    # shellcheck disable=SC2086
    "$cxx" "$work/$1.o" $flags -o "$work/$1"
    LD_LIBRARY_PATH=$(dirname "$(find "$2" -name 'liboizys_rpc.*' -print -quit)") "$work/$1"
}

rm -rf "$work/prefix"
mkdir -p "$work/prefix"
cmake --install "$build_dir" --prefix "$work/prefix/shared" >"$work/log"

configure "$static_build" "$source_dir" -DBUILD_SHARED_LIBS=OFF -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG" -DOIZYS_WERROR=ON \
    -DWITHOUT_TEST=ON -DWITHOUT_EXAMPLES=ON -DWITHOUT_BENCH=ON
build "$static_build"
cmake --install "$static_build" --prefix "$work/prefix/static" >"$work/log"

consume find_package_shared -DCMAKE_PREFIX_PATH="$work/prefix/shared"
consume find_package_static -DCMAKE_PREFIX_PATH="$work/prefix/static"
consume_with_pkg_config pkg_config_shared "$work/prefix/shared"
consume_with_pkg_config pkg_config_static "$work/prefix/static" --static
consume add_subdirectory -DOIZYS_SOURCE_DIR="$source_dir" -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher"
