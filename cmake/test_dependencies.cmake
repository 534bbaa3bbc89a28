# SPDX-License-Identifier: BSL-1.0
#
# What only the tests need: Catch2, other implementations to compare ours with, shared test vectors.

find_package(Catch2 2.13 REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json context)

# One of the adaptors is for it.
find_package(nlohmann_json 3.11 CONFIG QUIET)
if(NOT nlohmann_json_FOUND)
    message(WARNING "nlohmann_json was not found (./run test installs it): its adaptor is not tested")
endif()

# Debian's libmsgpack-dev cannot be installed next to Boost 1.81, so `./run` unpacks it into build/packages.
set(unpacked "${PROJECT_SOURCE_DIR}/build/packages/usr")
find_path(MSGPACK_C_INCLUDE_DIR msgpack.h HINTS "${unpacked}/include")
find_library(MSGPACK_C_LIBRARY libmsgpackc.a HINTS "${unpacked}/lib" "${unpacked}/lib/${CMAKE_LIBRARY_ARCHITECTURE}")
mark_as_advanced(MSGPACK_C_INCLUDE_DIR MSGPACK_C_LIBRARY)
if(MSGPACK_C_INCLUDE_DIR AND MSGPACK_C_LIBRARY)
    add_library(msgpack_c STATIC IMPORTED)
    set_target_properties(msgpack_c PROPERTIES
        IMPORTED_LOCATION "${MSGPACK_C_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${MSGPACK_C_INCLUDE_DIR}"
        INTERFACE_COMPILE_DEFINITIONS OIZYS_HAVE_MSGPACK_C)
else()
    message(WARNING "msgpack-c was not found (./run build fetches it): "
        "tests that compare our msgpack with it are left out")
endif()

# Vectors that stand beside the repository; a clone alone does not have them.
cmake_path(SET OIZYS_SHARED_DIR NORMALIZE "${PROJECT_SOURCE_DIR}/../shared")
if(NOT EXISTS "${OIZYS_SHARED_DIR}/vectors")
    message(WARNING "${OIZYS_SHARED_DIR}/vectors is absent: tests that read it are skipped")
endif()
