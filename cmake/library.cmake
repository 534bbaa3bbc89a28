# SPDX-License-Identifier: BSL-1.0

include(GNUInstallDirs)

# Adds the library `name` from include/ and src/ of the current folder, and two relatives of it:
#
#   <name>_objects   its sources, compiled once
#   <name>_for_test  the same objects in a static archive, where tests reach what the shared one hides
#
# PUBLIC and PRIVATE name what it links; USES names those of our own libraries that it stands on.
function(oizys_add_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "EXPORT_NAME" "USES;PUBLIC;PRIVATE")

    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/src/*.cpp")
    list(TRANSFORM arg_USES APPEND _objects OUTPUT_VARIABLE uses_objects)
    list(TRANSFORM arg_USES APPEND _for_test OUTPUT_VARIABLE uses_for_test)

    add_library(${name}_objects OBJECT ${sources})
    oizys_warnings(${name}_objects)
    set_target_properties(${name}_objects PROPERTIES
        CXX_EXTENSIONS OFF
        CXX_VISIBILITY_PRESET hidden
        VISIBILITY_INLINES_HIDDEN ON
        POSITION_INDEPENDENT_CODE ON)
    target_include_directories(${name}_objects PRIVATE src)
    # Nobody replaces our functions by others of the same name, so calls within a library are direct
    # and can be inlined.
    target_compile_options(${name}_objects PRIVATE -fno-semantic-interposition)

    add_library(${name} $<TARGET_OBJECTS:${name}_objects>)
    add_library(oizys::${arg_EXPORT_NAME} ALIAS ${name})
    set_target_properties(${name} PROPERTIES
        EXPORT_NAME ${arg_EXPORT_NAME}
        VERSION ${PROJECT_VERSION}
        SOVERSION ${OIZYS_SOVERSION}
        INSTALL_RPATH $ORIGIN)
    target_link_options(${name} PRIVATE LINKER:-Bsymbolic-functions)

    add_library(${name}_for_test STATIC EXCLUDE_FROM_ALL $<TARGET_OBJECTS:${name}_objects>)
    target_include_directories(${name}_for_test INTERFACE src)

    foreach(target IN ITEMS ${name} ${name}_objects ${name}_for_test)
        target_compile_features(${target} PUBLIC cxx_std_20)
        target_include_directories(${target} PUBLIC
            $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
        target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
    endforeach()
    target_link_libraries(${name} PUBLIC ${arg_USES})
    target_link_libraries(${name}_objects PUBLIC ${uses_objects})
    target_link_libraries(${name}_for_test PUBLIC ${uses_for_test})
endfunction()

# Until 1.0 every minor version may break the binary interface.
set(OIZYS_SOVERSION ${PROJECT_VERSION_MAJOR})
if(PROJECT_VERSION_MAJOR EQUAL 0)
    set(OIZYS_SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
endif()
