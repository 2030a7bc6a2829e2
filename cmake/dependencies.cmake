# Every library comes from Debian (tools/dependencies.txt is the one list). docs/decisions/ says why each is used.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(doctest REQUIRED)
find_package(benchmark REQUIRED)

find_library(RAPIDCHECK_LIBRARY rapidcheck REQUIRED)
add_library(rapidcheck INTERFACE)
target_link_libraries(rapidcheck INTERFACE ${RAPIDCHECK_LIBRARY})

find_package(pugixml REQUIRED)
find_package(nlohmann_json REQUIRED)
find_library(SODIUM_LIBRARY sodium REQUIRED)
find_package(simdjson REQUIRED)
find_package(ZLIB REQUIRED)
find_package(TBB REQUIRED)
find_library(Z3_LIBRARY z3 REQUIRED)
find_package(MPI REQUIRED COMPONENTS CXX)
