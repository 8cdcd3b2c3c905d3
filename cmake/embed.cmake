# Text files as part of the program, so that it needs nothing beside it.
#
# provenbl_embed(TARGET FUNCTION FOLDER FILES...) adds a source to TARGET that defines
#   std::span<const provenbl::tools::EmbeddedText> FUNCTION();      (tools/embedded_text.hpp)
# with one entry for each file, named by its path below FOLDER. `::` in FUNCTION are namespaces. Run as a script (-P), this file
# writes that source; it is written again when a file changes.
if(CMAKE_SCRIPT_MODE_FILE)
  string(REPLACE "::" ";" parts "${FUNCTION}")
  list(POP_BACK parts name)
  list(JOIN parts "::" space)
  string(REPLACE "|" ";" files "${FILES}")
  set(text "// Made by cmake/embed.cmake; change the files that it was made of.\n#include \"tools/embedded_text.hpp\"\n\n")
  string(APPEND text "namespace ${space} {\n\nstd::span<const provenbl::tools::EmbeddedText> ${name}();\n\n")
  string(APPEND text "std::span<const provenbl::tools::EmbeddedText> ${name}() {\n")
  string(APPEND text "    static constexpr provenbl::tools::EmbeddedText all[]{\n")
  foreach(file IN LISTS files)
    file(READ "${FOLDER}/${file}" content)
    string(APPEND text "        {R\"(${file})\", R\"EMBEDDED(${content})EMBEDDED\"},\n")
  endforeach()
  string(APPEND text "    };\n    return all;\n}\n\n} // namespace ${space}\n")
  file(WRITE "${OUTPUT}" "${text}")
  return()
endif()

set(provenbl_embed_script ${CMAKE_CURRENT_LIST_FILE})

function(provenbl_embed target function folder)
  string(REPLACE "::" "_" base "${function}")
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${base}.cpp)
  set(paths "")
  foreach(file IN LISTS ARGN)
    list(APPEND paths ${folder}/${file})
  endforeach()
  list(JOIN ARGN "|" joined)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${source} -DFUNCTION=${function} -DFOLDER=${folder} "-DFILES=${joined}"
            -P ${provenbl_embed_script}
    DEPENDS ${paths} ${provenbl_embed_script}
    VERBATIM)
  target_sources(${target} PRIVATE ${source})
endfunction()
