# SPDX-License-Identifier: BSL-1.0
#
# Compiles through ccache when it is there. Paths below the source folder are hashed relative to the
# build folder, so a fresh clone anywhere finds what another clone has compiled.

find_program(OIZYS_CCACHE ccache)
mark_as_advanced(OIZYS_CCACHE)

if(OIZYS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        env
        "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}"
        CCACHE_NOHASHDIR=true
        # What ccache asks for where precompiled headers are used.
        CCACHE_SLOPPINESS=pch_defines,time_macros
        "${OIZYS_CCACHE}")
    # Debug information and __FILE__ name files from the source folder, so that objects do not differ
    # from clone to clone. Coverage data needs the real places.
    if(NOT CMAKE_BUILD_TYPE STREQUAL "Coverage")
        add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.")
    endif()
endif()
