# How every file of this project is compiled. The presets of CMakePresets.json set the two options.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Werror)  # what clang warns about beyond g++ is left to clang-tidy
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    add_compile_options(-Wno-restrict)  # g++ 12 sees overlaps in "text" + string that are not there (GCC bug 105651)
  endif()
endif()

set(GRAFTLINE_SANITIZE "" CACHE STRING "sanitizers for everything, as -fsanitize= takes them: address,undefined or thread")
option(GRAFTLINE_FUZZ "link the fuzzers with libFuzzer (clang only); the libraries then report their branches to it" OFF)
if(GRAFTLINE_SANITIZE)
  add_compile_options(-fsanitize=${GRAFTLINE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${GRAFTLINE_SANITIZE})
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
if(GRAFTLINE_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# The base directory makes paths relative before hashing: two clones of one commit share what was compiled.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
