# A folder under src/ is a library. Files are told apart by their ending, so adding one never means editing a list:
#   x.h x.cpp     the library          x_test.cpp   one doctest program per module
#   x_bench.cpp   one program each     x_fuzz.cpp   one program each, replaying tests/corpus/x as a test
#
#   DEPENDS    the modules below that this one may include (also checked, file by file, by the layers_ test)
#   LIBRARIES  what it uses from outside; never visible to the modules above
#   NESTED     also take the files of the folders below (interop/<format>)
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror)

function(graftline_module name)
  cmake_parse_arguments(arg "NESTED" "" "DEPENDS;LIBRARIES" ${ARGN})
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
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$")

  add_library(graftline_${name} STATIC ${sources})
  target_include_directories(graftline_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_sources(graftline_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/src FILES ${headers})
  set_target_properties(graftline_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)  # each header compiles alone
  foreach(below IN LISTS arg_DEPENDS)
    target_link_libraries(graftline_${name} PUBLIC graftline_${below})
  endforeach()
  target_link_libraries(graftline_${name} PUBLIC fmt::fmt PRIVATE ${arg_LIBRARIES})

  string(REPLACE ";" "," allowed "${name};${arg_DEPENDS}")
  add_test(NAME layers_${name} COMMAND ${CMAKE_COMMAND} -DDIR=${dir} -DALLOWED=${allowed}
                                       -P ${PROJECT_SOURCE_DIR}/cmake/check_layers.cmake)
  if(tests)
    add_executable(${name}_test ${tests} ${PROJECT_SOURCE_DIR}/tests/main.cpp)
    target_link_libraries(${name}_test PRIVATE graftline_${name} rapidcheck doctest::doctest ${arg_LIBRARIES})
    target_compile_definitions(${name}_test PRIVATE GRAFTLINE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${name}_test)
  endif()
  foreach(bench IN LISTS benches)
    get_filename_component(program ${bench} NAME_WE)
    add_executable(${program} EXCLUDE_FROM_ALL ${bench})
    target_link_libraries(${program} PRIVATE graftline_${name} ${arg_LIBRARIES})
  endforeach()
  foreach(fuzzer IN LISTS fuzzers)
    graftline_fuzzer(${name} ${fuzzer} ${arg_LIBRARIES})
  endforeach()
endfunction()

# A fuzzer defines LLVMFuzzerTestOneInput. The fuzz preset (clang) searches with it; every other build links it to a
# small main that replays tests/corpus/<program>, so none rots.
option(GRAFTLINE_FUZZ "link the fuzzers with libFuzzer and both sanitizers (clang only)" OFF)
function(graftline_fuzzer module file)
  get_filename_component(program ${file} NAME_WE)
  if(GRAFTLINE_FUZZ)
    add_executable(${program} ${file})
    target_link_options(${program} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${program} ${file} ${PROJECT_SOURCE_DIR}/tests/replay_corpus.cpp)
    add_test(NAME ${program}_corpus COMMAND ${program} ${PROJECT_SOURCE_DIR}/tests/corpus/${program})
  endif()
  target_link_libraries(${program} PRIVATE graftline_${module} ${ARGN})
endfunction()
