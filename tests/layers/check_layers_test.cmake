# The layer check finds every planted include, and is silent on the repaired twin of each.
# In all of them `record` may include record and core.
cmake_minimum_required(VERSION 3.25)
file(GLOB plants ${CMAKE_CURRENT_LIST_DIR}/*/broken)
list(LENGTH plants count)
if(count LESS 4)
  message(FATAL_ERROR "expected at least 4 planted includes, found ${count}")
endif()
foreach(plant IN LISTS plants)
  foreach(twin broken repaired)
    cmake_path(REPLACE_FILENAME plant ${twin} OUTPUT_VARIABLE folder)
    execute_process(COMMAND ${CMAKE_COMMAND} -DDIR=${folder}/record -DALLOWED=record,core
                            -P ${CMAKE_CURRENT_LIST_DIR}/../../cmake/check_layers.cmake
                    RESULT_VARIABLE failed ERROR_VARIABLE said OUTPUT_QUIET)
    if(twin STREQUAL broken AND NOT failed)
      message(SEND_ERROR "${folder}: the planted include was not found")
    elseif(twin STREQUAL broken AND NOT said MATCHES "#include")
      message(SEND_ERROR "${folder}: the report does not quote the include:\n${said}")
    elseif(twin STREQUAL repaired AND failed)
      message(SEND_ERROR "${folder}: refused, though nothing is wrong with it:\n${said}")
    endif()
  endforeach()
endforeach()
