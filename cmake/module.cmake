# A folder under src/ is a library. Files are told apart by their ending, so adding one never means editing a list:
#   x.h x.cpp     the library          x_test.cpp   one doctest program per module
#   x_bench.cpp   one program each     x_fuzz.cpp   one program each, replaying tests/corpus/x_fuzz as a test
#   main.cpp      a program, see PROGRAM
#
#   DEPENDS    the modules below that this one may include (also checked, file by file, by the layers_ test)
#   LIBRARIES  what it uses from outside; never visible to the modules above
#   PROGRAM    the name of the program that main.cpp becomes
#   NESTED     also take the files of the folders below (interop/<format>)
function(graftline_module name)
  cmake_parse_arguments(arg "NESTED" "PROGRAM" "DEPENDS;LIBRARIES" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "graftline_module(${name}): what is ${arg_UNPARSED_ARGUMENTS}?")
  endif()
  set(dir ${PROJECT_SOURCE_DIR}/src/${name})
  set(glob GLOB)
  if(arg_NESTED)
    set(glob GLOB_RECURSE)
  endif()
  file(${glob} headers CONFIGURE_DEPENDS ${dir}/*.h)
  file(${glob} sources CONFIGURE_DEPENDS ${dir}/*.cpp)
  set(tests ${sources})
  set(benches ${sources})
  set(fuzzers ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "(_test|_bench|_fuzz|/main)\\.cpp$")

  if(sources)
    set(visible PUBLIC)
    set(inside PRIVATE)
    add_library(graftline_${name} STATIC ${sources})
  else()
    set(visible INTERFACE)
    set(inside INTERFACE)
    add_library(graftline_${name} INTERFACE)
  endif()
  target_include_directories(graftline_${name} ${visible} ${PROJECT_SOURCE_DIR}/src)
  graftline_unproven_headers(unproven ${headers})
  target_sources(graftline_${name} ${visible}
                 FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${headers}
                 FILE_SET unproven TYPE HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${unproven})
  set_target_properties(graftline_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON
                                                     INTERFACE_HEADER_SETS_TO_VERIFY unproven)
  foreach(below IN LISTS arg_DEPENDS)
    if(NOT TARGET graftline_${below})
      message(FATAL_ERROR "graftline_module(${name}): ${below} has to stand above it in CMakeLists.txt")
    endif()
    target_link_libraries(graftline_${name} ${visible} graftline_${below})
  endforeach()
  target_link_libraries(graftline_${name} ${visible} fmt::fmt ${inside} ${arg_LIBRARIES})
  set_property(GLOBAL APPEND_STRING PROPERTY graftline_arrows "${name}: ${arg_DEPENDS}\n")

  string(REPLACE ";" "," allowed "${name};${arg_DEPENDS}")
  add_test(NAME layers_${name} COMMAND ${CMAKE_COMMAND} -DDIR=${dir} -DALLOWED=${allowed}
                                       -P ${PROJECT_SOURCE_DIR}/cmake/check_layers.cmake)
  set_tests_properties(layers_${name} PROPERTIES LABELS lint)
  if(arg_PROGRAM)
    add_executable(${arg_PROGRAM} ${dir}/main.cpp)
    target_link_libraries(${arg_PROGRAM} PRIVATE graftline_${name} ${arg_LIBRARIES})
    set_target_properties(${arg_PROGRAM} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  endif()
  if(tests)
    add_executable(${name}_test ${tests} ${PROJECT_SOURCE_DIR}/tests/main.cpp)
    target_link_libraries(${name}_test PRIVATE graftline_${name} rapidcheck doctest::doctest ${arg_LIBRARIES})
    target_compile_definitions(${name}_test PRIVATE GRAFTLINE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()
  foreach(bench IN LISTS benches)
    get_filename_component(program ${bench} NAME_WE)
    add_executable(${program} ${bench})
    target_link_libraries(${program} PRIVATE graftline_${name} benchmark::benchmark ${arg_LIBRARIES})
    target_compile_definitions(${program} PRIVATE GRAFTLINE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    set_target_properties(${program} PROPERTIES EXCLUDE_FROM_ALL ON)
    add_dependencies(benches ${program})
  endforeach()
  foreach(fuzzer IN LISTS fuzzers)
    graftline_fuzzer(${name} ${fuzzer} ${arg_LIBRARIES})
  endforeach()
endfunction()

# Each header compiles alone. x.cpp proves it for x.h by including it first; every other header (and the one whose .cpp
# does otherwise) is compiled by itself in the test headers_compile_alone.
function(graftline_unproven_headers result)
  set(unproven)
  foreach(header IN LISTS ARGN)
    string(REGEX REPLACE "\\.h$" ".cpp" source ${header})
    cmake_path(RELATIVE_PATH header BASE_DIRECTORY ${PROJECT_SOURCE_DIR}/src OUTPUT_VARIABLE name)
    set(first)
    if(EXISTS ${source})
      file(STRINGS ${source} first REGEX "^#include" LIMIT_COUNT 1)
    endif()
    if(NOT first STREQUAL "#include \"${name}\"")
      list(APPEND unproven ${header})
    endif()
  endforeach()
  set(${result} ${unproven} PARENT_SCOPE)
endfunction()

add_custom_target(benches)  # cmake --build build --target benches; none is part of an ordinary build
add_custom_target(fuzzers)  # likewise, and all that the fuzz preset builds

# A fuzzer defines LLVMFuzzerTestOneInput. The fuzz preset (clang) searches with it; every other build links it to a
# small main that replays tests/corpus/<program>, so none rots.
function(graftline_fuzzer module file)
  get_filename_component(program ${file} NAME_WE)
  add_executable(${program} ${file})
  if(GRAFTLINE_FUZZ)
    target_link_options(${program} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${program} PRIVATE ${PROJECT_SOURCE_DIR}/tests/replay_corpus.cpp)
    add_test(NAME ${program}_corpus COMMAND ${program} ${PROJECT_SOURCE_DIR}/tests/corpus/${program})
  endif()
  target_link_libraries(${program} PRIVATE graftline_${module} ${ARGN})
  add_dependencies(fuzzers ${program})
endfunction()

# The modules and what each may include, one "name: a b c" a line, for the test that compares docs/architecture.md.
function(graftline_write_arrows file)
  get_property(arrows GLOBAL PROPERTY graftline_arrows)
  string(REPLACE ";" " " arrows "${arrows}")
  file(CONFIGURE OUTPUT ${file} CONTENT "${arrows}" @ONLY)
endfunction()
