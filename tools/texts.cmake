# Guides, letters, what pages are dressed in, settings of clients and the API's description as texts that the program holds:
# the target provenbl_texts. Of its own, so that nothing else waits for it; the program and the fuzz targets include this.
set(tools_folder ${CMAKE_CURRENT_LIST_DIR})
file(GLOB guides RELATIVE ${tools_folder}/fixes/guides CONFIGURE_DEPENDS ${tools_folder}/fixes/guides/*/*.guide)
file(GLOB letters RELATIVE ${tools_folder}/letters/templates CONFIGURE_DEPENDS
  ${tools_folder}/letters/templates/*.letter)
file(GLOB assets RELATIVE ${tools_folder}/pages/assets CONFIGURE_DEPENDS ${tools_folder}/pages/assets/*)
file(GLOB clients RELATIVE ${CMAKE_SOURCE_DIR}/docs/clients CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/clients/*)
list(FILTER clients EXCLUDE REGEX "\\.md$")
add_library(provenbl_texts STATIC)
target_include_directories(provenbl_texts PRIVATE ${CMAKE_SOURCE_DIR})
# 65536 bytes are what a compiler must take in one literal; clang takes any length, and warns of more.
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(provenbl_texts PRIVATE -Wno-overlength-strings)
endif()
provenbl_embed(provenbl_texts provenbl::tools::fixes::guide_files ${tools_folder}/fixes/guides ${guides})
provenbl_embed(provenbl_texts provenbl::tools::letters::template_files ${tools_folder}/letters/templates ${letters})
provenbl_embed(provenbl_texts provenbl::tools::pages::asset_files ${tools_folder}/pages/assets ${assets})
provenbl_embed(provenbl_texts provenbl::tools::api::documents ${CMAKE_SOURCE_DIR}/docs openapi.json)
provenbl_embed(provenbl_texts provenbl::tools::pages::client_texts ${CMAKE_SOURCE_DIR}/docs/clients ${clients})
