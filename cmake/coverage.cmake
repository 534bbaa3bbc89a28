# SPDX-License-Identifier: BSL-1.0
#
# CMAKE_BUILD_TYPE=Coverage: `coverage-report` runs the tests and writes coverage-report/index.html into
# the build folder, `coverage-floor` then fails where too few lines were run.

if(NOT CMAKE_BUILD_TYPE STREQUAL "Coverage")
    return()
endif()

# Atomic counters: tests run threads.
set(CMAKE_CXX_FLAGS_COVERAGE "-O0 -g1 --coverage -fprofile-update=atomic")

# All three are lcov's. `lcov --capture` would only load geninfo, with pages of Perl warnings.
find_program(OIZYS_LCOV lcov)
find_program(OIZYS_GENINFO geninfo)
find_program(OIZYS_GENHTML genhtml)
if(NOT OIZYS_LCOV OR NOT OIZYS_GENINFO OR NOT OIZYS_GENHTML)
    message(WARNING "lcov is missing: there is no target coverage-report")
    return()
endif()

include(ProcessorCount)
ProcessorCount(processors)
set(coverage_info "${CMAKE_BINARY_DIR}/coverage.info")

add_custom_target(coverage-report
    COMMAND "${OIZYS_LCOV}" --quiet --zerocounters --directory .
    COMMAND "${CMAKE_CTEST_COMMAND}" --output-on-failure --parallel ${processors}
    COMMAND "${OIZYS_GENINFO}" . --quiet --output-filename "${coverage_info}"
        # Only what a user gets; neither tests nor Boost.
        --include "${PROJECT_SOURCE_DIR}/liboizys/*" --include "${PROJECT_SOURCE_DIR}/rpc/*"
    COMMAND "${OIZYS_GENHTML}" --quiet --prefix "${PROJECT_SOURCE_DIR}" --title oizys
        --output-directory coverage-report "${coverage_info}"
    COMMAND "${CMAKE_COMMAND}" -E echo "see ${CMAKE_BINARY_DIR}/coverage-report/index.html"
    WORKING_DIRECTORY "${CMAKE_BINARY_DIR}"
    USES_TERMINAL
    VERBATIM)

add_custom_target(coverage-floor
    COMMAND /usr/bin/python3 "${PROJECT_SOURCE_DIR}/cmake/coverage_floor.py" "${coverage_info}"
        --root "${PROJECT_SOURCE_DIR}" liboizys=90 rpc=90
    VERBATIM)
