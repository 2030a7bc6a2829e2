# Puts the bytes of a file into a module, unchanged, between the symbols <symbol>_begin and <symbol>_end:
#   extern "C" const char ucum_essence_begin[], ucum_essence_end[];
# The assembler copies them (.incbin, in g++ and clang alike): a megabyte costs nothing to compile.
function(graftline_embed module symbol file)
  set(source ${PROJECT_BINARY_DIR}/embedded/${symbol}.cpp)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT [[
// Made by cmake/embed.cmake.
asm(R"(.pushsection .rodata
.balign 16
.global @symbol@_begin
@symbol@_begin:
.incbin "@file@"
.global @symbol@_end
@symbol@_end:
.byte 0
.popsection
)");
]])
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS ${file})
  target_sources(graftline_${module} PRIVATE ${source})
endfunction()
