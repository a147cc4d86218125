# Language level, warnings, sanitizers, ccache, mold: the same for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

# With -O3 the build takes a sixth longer; the hot loops (hash, inflate, JSON) are in libraries.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
# Lines and functions, no variables: enough for a stack trace, and half of what -g costs the compiler.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")

find_package(Threads REQUIRED)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC takes the concatenation of strings for a copy out of bounds (its bugs 105329 and 105651; seen
  # with 12 and 14).
  add_compile_options(-Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
endif()
if(PACS_LITE_UNITY)
  # Seen as one unit, a class whose private state is of a type that its source alone knows looks shared.
  add_compile_options(-Wno-subobject-linkage)
endif()
if(PACS_LITE_WERROR)
  add_compile_options(-Werror)
endif()

# A checked program is worth more than the last per cent.
add_compile_definitions($<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2> _GLIBCXX_ASSERTIONS)
add_compile_options(-fstack-protector-strong)
add_link_options(-Wl,-z,relro,-z,now)

if(PACS_LITE_SANITIZE)
  add_compile_options(-fsanitize=${PACS_LITE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_compile_options(-U_FORTIFY_SOURCE)
  add_link_options(-fsanitize=${PACS_LITE_SANITIZE})
endif()
if(PACS_LITE_FUZZ)
  # Every unit counts its branches; libFuzzer's own main is linked to the fuzzers alone.
  add_compile_options(-fsanitize=fuzzer-no-link
                      -fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/tests/fuzz/sanitizer_ignore.txt)
endif()
