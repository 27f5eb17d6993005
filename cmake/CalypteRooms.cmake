# A room is a folder below src with its own target and its own include path: a directory that holds one link, to the
# room itself. A file can include "engine/x.hpp" only if its target depends on the engine. The links are shared by all
# build folders, so that their command lines are the same and the compiler cache serves them all.
#
# CALYPTE_UNITY compiles several files of a room or a test program as one: most of a compilation is what all of them
# include. So names in anonymous namespaces are kept different within a room, and within a test program; with
# CALYPTE_UNITY_SIZE=0, all files as one, the compiler finds those that are not, whichever files stand together now.
include_guard()

function(calypte_unity target)
  if(CALYPTE_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${CALYPTE_UNITY_SIZE})
    # g++ takes every file but the first for a header then, where a member of a type without linkage would be wrong.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()

add_library(calypte_options INTERFACE)
target_compile_options(calypte_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wimplicit-fallthrough -Werror)
target_compile_definitions(calypte_options INTERFACE SIMDJSON_EXCEPTIONS=0)
if(CALYPTE_SANITIZE)
  target_compile_options(calypte_options INTERFACE -fsanitize=${CALYPTE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(calypte_options INTERFACE -fsanitize=${CALYPTE_SANITIZE})
  # With g++ much of the time of a compilation goes into these checks of every access. Null pointers are found by the
  # address sanitizer as well; the others by clang, in the presets asan and fuzz.
  if(CALYPTE_SANITIZE MATCHES "undefined")
    target_compile_options(calypte_options INTERFACE
      $<$<CXX_COMPILER_ID:GNU>:-fno-sanitize=null$<COMMA>alignment$<COMMA>object-size$<COMMA>vptr>)
  endif()
endif()

if(CALYPTE_FUZZ)
  target_compile_options(calypte_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# calypte_room(NAME [DEPENDS room...] [LIBRARIES target...])
function(calypte_room name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES" ${ARGN})
  set(view ${CMAKE_SOURCE_DIR}/build/rooms/${name})
  file(MAKE_DIRECTORY ${view})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${name} ${view}/${name} SYMBOLIC)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/src/cli/main\\.cpp$")
  if(NOT sources)
    add_library(calypte_${name} INTERFACE)
    set(scope INTERFACE)
  else()
    add_library(calypte_${name} STATIC ${sources})
    target_link_libraries(calypte_${name} PRIVATE $<BUILD_INTERFACE:calypte_options>)
    calypte_unity(calypte_${name})
    set(scope PUBLIC)
  endif()
  target_include_directories(calypte_${name} ${scope} $<BUILD_INTERFACE:${view}> $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>)
  target_link_libraries(calypte_${name} ${scope} ${ARG_LIBRARIES})
  set_property(TARGET calypte_${name} PROPERTY CALYPTE_LIBRARIES "${ARG_LIBRARIES}")
  foreach(room IN LISTS ARG_DEPENDS)
    target_link_libraries(calypte_${name} ${scope} calypte_${room})
  endforeach()
endfunction()

# calypte_test(NAME ROOMS room... SOURCES glob... [LABEL label] [WITHOUT filter]): one test program of GoogleTest cases, named in ctest by
# their own names. The label is `unit` unless given; the target `unit_tests` builds all programs with that label.
add_custom_target(unit_tests)
function(calypte_test name)
  cmake_parse_arguments(ARG "" "LABEL;WITHOUT" "ROOMS;SOURCES;LIBRARIES" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${ARG_SOURCES})
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  calypte_unity(${name})
  # Most of the time of an optimised build would go into the tests. What they test has its own options.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release,RelWithDebInfo>:-O0>)
  target_link_libraries(${name} PRIVATE calypte_options calypte_test_data GTest::gtest_main GTest::gmock ${ARG_LIBRARIES})
  foreach(room IN LISTS ARG_ROOMS)
    target_link_libraries(${name} PRIVATE calypte_${room})
  endforeach()
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  set(filter)
  if(ARG_WITHOUT)
    set(filter TEST_FILTER "-${ARG_WITHOUT}")
  endif()
  gtest_discover_tests(${name} ${filter} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120 LABELS ${ARG_LABEL})
  if(ARG_LABEL STREQUAL unit)
    add_dependencies(unit_tests ${name})
  endif()
endfunction()

# calypte_join(TARGET room...): puts the objects of the rooms into one static library, the one that is installed. What
# the rooms link is needed at the final link only: no header of ours includes it, so none of it reaches a user's
# include path or definitions.
function(calypte_join target)
  set(libraries)
  foreach(room IN LISTS ARGN)
    get_target_property(type calypte_${room} TYPE)
    if(NOT type STREQUAL "INTERFACE_LIBRARY")
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:calypte_${room}>)
    endif()
    get_target_property(linked calypte_${room} CALYPTE_LIBRARIES)
    list(APPEND libraries ${linked})
  endforeach()
  list(REMOVE_DUPLICATES libraries)
  target_link_libraries(${target} PRIVATE ${libraries})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(${target} PUBLIC cxx_std_20)
endfunction()
