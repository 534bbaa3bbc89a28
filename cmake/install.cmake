# SPDX-License-Identifier: BSL-1.0
#
# find_package(oizys) gives oizys::oizys and oizys::rpc; pkg-config knows oizys and oizys-rpc.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/oizys")

install(TARGETS oizys oizys_rpc EXPORT oizys-targets)
install(DIRECTORY liboizys/include/ rpc/include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT oizys-targets NAMESPACE oizys:: DESTINATION "${config_dir}")

configure_package_config_file(cmake/oizys-config.cmake.in oizys-config.cmake
    INSTALL_DESTINATION "${config_dir}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(oizys-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
    "${PROJECT_BINARY_DIR}/oizys-config.cmake"
    "${PROJECT_BINARY_DIR}/oizys-config-version.cmake"
    DESTINATION "${config_dir}")

# From the folder of the .pc files back to the prefix, so that the installed tree may be moved.
cmake_path(SET pc_dir NORMALIZE "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH pc_to_prefix "${pc_dir}" "${CMAKE_INSTALL_PREFIX}")
foreach(pc IN ITEMS oizys.pc oizys-rpc.pc)
    configure_file(cmake/${pc}.in ${pc} @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/${pc}" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endforeach()
