# What holds for the sources as a whole. Each is a test with the label lint: `ctest --test-dir build -L lint`.
function(graftline_check name)
  add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS lint)
endfunction()

graftline_check(layers_check_itself ${CMAKE_COMMAND} -P tests/layers/check_layers_test.cmake)
graftline_check(same_input_same_answer tools/check_purity.sh)
graftline_check(docs_name_everything tools/check_docs.sh ${PROJECT_BINARY_DIR})

# Formatting and analysis do not depend on how the tree was built: only the release build runs them.
if(NOT GRAFTLINE_SANITIZE)
  graftline_check(format tools/format.sh --check)
  graftline_check(tidy tools/tidy.sh ${PROJECT_BINARY_DIR})
  graftline_check(headers_compile_alone
                  ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --target all_verify_interface_header_sets)
  # both use all cores and read the build tree
  set_tests_properties(tidy headers_compile_alone PROPERTIES RUN_SERIAL ON)
  # the one long test: minutes on two cores, and not to be cut off on a slower machine
  set_tests_properties(tidy PROPERTIES TIMEOUT 1800)
endif()
