# How all of our code is compiled. `provenbl_library` makes one target for one folder.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Werror)
# Two cores and hundreds of tests: line tables are what a backtrace needs.
add_compile_options(-g1)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports uninitialized and dangling storage inside coroutine frames that is neither.
  add_compile_options(-Wno-maybe-uninitialized)
endif()

if(PROVENBL_SANITIZE)
  add_compile_options(-fsanitize=${PROVENBL_SANITIZE} -fno-omit-frame-pointer -O1)
  add_link_options(-fsanitize=${PROVENBL_SANITIZE})
  if(PROVENBL_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  if(PROVENBL_SANITIZE MATCHES "thread")
    add_compile_options(-Wno-tsan) # Asio's fences
  endif()
endif()
if(PROVENBL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

# provenbl_library(NAME LINKS...): every .cpp below the calling folder. A glob, so that a new technique is a new file.
function(provenbl_library name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARGN})
endfunction()
