# pacs_module(NAME [MODULES m...] [LIBRARIES l...] [EXECUTABLE])
#
# One module: every .cc of the folder but the tests becomes the library pacs_NAME, every *_test.cc
# becomes NAME_test. MODULES are the modules that it may include (the table of docs/ARCHITECTURE.md);
# LIBRARIES are third-party targets, linked privately, since their headers stay inside the module.
include(GoogleTest OPTIONAL)

# What runs once need not run fast: the assertions of tests take three times as long to optimise, and
# most of the time of a build with sanitizers.
set(PACS_LITE_QUICK_OPTIONS -O0 -U_FORTIFY_SOURCE)
function(pacs_compile_quickly target)
  target_compile_options(${target} PRIVATE ${PACS_LITE_QUICK_OPTIONS})
endfunction()

function(pacs_module name)
  cmake_parse_arguments(PARSE_ARGV 1 MODULE "" "" "MODULES;LIBRARIES")
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$|/main\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(TRANSFORM MODULE_MODULES PREPEND pacs_)

  add_library(pacs_${name} STATIC ${sources})
  target_include_directories(pacs_${name} PUBLIC "${PROJECT_SOURCE_DIR}/src")
  pacs_read_sources(pacs_${name})
  target_link_libraries(pacs_${name} PUBLIC ${MODULE_MODULES} PRIVATE ${MODULE_LIBRARIES} Threads::Threads)

  if(PACS_LITE_TESTS AND tests)
    add_executable(${name}_test ${tests})
    # tests/support may include anything; its library exists when tests/ is added.
    target_include_directories(${name}_test PRIVATE "${PROJECT_SOURCE_DIR}")
    # For worked examples in docs/ that a test holds. __FILE__ may be relative: ccache can make it so.
    target_compile_definitions(${name}_test PRIVATE PACS_LITE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    pacs_read_sources(${name}_test)
    pacs_compile_quickly(${name}_test)
    target_link_libraries(${name}_test PRIVATE pacs_${name} ${MODULE_LIBRARIES} GTest::gtest GTest::gtest_main)
    add_test(NAME ${name}_test COMMAND ${name}_test)
    set_tests_properties(${name}_test PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()
