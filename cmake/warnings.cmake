# SPDX-License-Identifier: BSL-1.0

# Compiles `target` with the project's warnings.
function(oizys_warnings target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
    if(OIZYS_WERROR)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # gcc 12 sees overlaps in `"text" + std::string` that are not there (gcc bug 105651).
        target_compile_options(${target} PRIVATE -Wno-restrict)
        if(OIZYS_SANITIZE)
            # The checks that a sanitizer inserts confuse gcc's flow analysis.
            target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
        endif()
    endif()
endfunction()
