# How all of our code is compiled. `provenbl_library` makes one target for one folder.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_NOHASHDIR=1
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Werror)
# Two cores and hundreds of tests: line tables are what a backtrace needs.
add_compile_options(-g1)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 at -O2 reports uninitialized storage and mismatched deletes inside coroutine frames, and overflows of
  # strings built by concatenation (its bugs 105562, 105651), that are none; clang compiles the same code, and the
  # sanitizers run it.
  add_compile_options(-Wno-maybe-uninitialized -Wno-mismatched-new-delete -Wno-array-bounds -Wno-restrict
                      -Wno-stringop-overflow -Wno-stringop-overread)
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
  # `function` puts data in front of functions, which clang 14 can't do for coroutines.
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=function
                      -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

# Headers that nearly every file of a target reads, compiled once. ccache keeps what uses them only when told that
# they may be trusted (sloppiness), and GCC needs -fpch-preprocess for that.
function(provenbl_precompile name)
  target_precompile_headers(${name} PRIVATE ${ARGN})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name} PRIVATE -fpch-preprocess)
  else()
    target_compile_options(${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

set(provenbl_plain_headers <algorithm> <array> <chrono> <functional> <memory> <optional> <span> <string> <string_view> <vector>
    <boost/system/result.hpp> <fmt/format.h>)
set(provenbl_asio_headers ${provenbl_plain_headers}
    <boost/asio/as_tuple.hpp> <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/detached.hpp>
    <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp> <boost/asio/post.hpp> <boost/asio/steady_timer.hpp>
    <boost/asio/use_awaitable.hpp> <boost/asio/write.hpp> <spdlog/spdlog.h>)

# provenbl_library(NAME LINKS...): every .cpp below the calling folder. A glob, so that a new technique is a new file.
function(provenbl_library name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARGN})
endfunction()
