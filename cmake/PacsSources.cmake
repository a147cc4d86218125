# How the sources of a target are read: most of a unit's time goes into headers.
#
# PACS_LITE_PRECOMPILE, for who changes one file: the standard library's headers are already parsed.
# Standard headers alone (and GoogleTest for tests): a header of ours in there would make every change
# to it a change to everything.
# PACS_LITE_UNITY, for who builds everything: so many sources of a module are one unit that both cores have work.
# Both hide an include that a file forgets; `make includes` reads each source by itself and finds it.

set(PACS_LITE_PRECOMPILED
    <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <cstdint> <cstring>
    <filesystem> <functional> <map> <memory> <mutex> <optional> <set> <span> <string> <string_view>
    <thread> <tuple> <unordered_map> <utility> <variant> <vector>)

# Without this ccache takes no unit with a precompiled header. What it loosens (headers that change
# within the second in which they were read, macros of a time) is not used here.
if(PACS_LITE_PRECOMPILE AND CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE_PROGRAM}")
  add_compile_options(-fpch-preprocess)
endif()

if(PACS_LITE_PRECOMPILE)
  add_library(pacs_precompiled STATIC "${CMAKE_CURRENT_LIST_DIR}/precompiled.cc")
  target_precompile_headers(pacs_precompiled PRIVATE ${PACS_LITE_PRECOMPILED})
endif()
if(PACS_LITE_PRECOMPILE AND PACS_LITE_TESTS)
  # GCC wants what it precompiles for a program to be compiled for one.
  add_executable(pacs_precompiled_for_tests EXCLUDE_FROM_ALL "${CMAKE_CURRENT_LIST_DIR}/precompiled.cc")
  target_precompile_headers(pacs_precompiled_for_tests PRIVATE ${PACS_LITE_PRECOMPILED} <gtest/gtest.h>)
  target_link_libraries(pacs_precompiled_for_tests PRIVATE GTest::gtest)
endif()

# pacs_read_sources(TARGET): TARGET is compiled in the way that was chosen above.
function(pacs_read_sources target)
  get_target_property(type ${target} TYPE)
  if(PACS_LITE_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 24)
  endif()
  if(NOT PACS_LITE_PRECOMPILE)
    return()
  elseif(type STREQUAL "STATIC_LIBRARY")
    target_precompile_headers(${target} REUSE_FROM pacs_precompiled)
  else()
    target_precompile_headers(${target} REUSE_FROM pacs_precompiled_for_tests)
  endif()
endfunction()
