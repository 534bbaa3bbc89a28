# SPDX-License-Identifier: BSL-1.0
#
# Sanitizers cover everything in the build, so they are set for the whole tree. A finding ends the
# program: UBSan would otherwise print it and exit with 0.

if(OIZYS_SANITIZE)
    # The check of virtual calls opens a pipe to look at an object, so that it fails in tests that leave a process
    # without descriptors.
    add_compile_options(-fsanitize=${OIZYS_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all
        -fno-omit-frame-pointer)
    # gcc 12 warns that it cannot watch std::atomic_thread_fence, which its own headers use.
    if(OIZYS_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options(-Wno-tsan)
    endif()
    # libFuzzer's instrumentation is a matter of compiling; its runtime is linked to fuzz targets only.
    string(REGEX REPLACE "fuzzer-no-link,?" "" link_sanitize "${OIZYS_SANITIZE}")
    add_link_options(-fsanitize=${link_sanitize})
endif()
