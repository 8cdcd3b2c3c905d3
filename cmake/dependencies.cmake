# Everything from Debian 12's packages.
find_package(Boost 1.81 REQUIRED COMPONENTS system json url)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LMDB REQUIRED IMPORTED_TARGET lmdb)
pkg_check_modules(FSTRM REQUIRED IMPORTED_TARGET libfstrm)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
if(NOT PROVENBL_FUZZ)
  find_package(yaml-cpp REQUIRED)
  find_package(CLI11 REQUIRED)
  find_package(GTest REQUIRED)
  pkg_check_modules(LDNS REQUIRED IMPORTED_TARGET ldns)
  # The tests decode dnstap with what protoc-c makes of our schema.
  pkg_check_modules(PROTOBUF_C REQUIRED IMPORTED_TARGET libprotobuf-c)
  find_program(PROTOC_C protoc-c REQUIRED)
endif()

# Asio as Boost ships it, without the parts that we don't use and that cost compile time.
add_library(provenbl_asio INTERFACE)
target_compile_definitions(provenbl_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_ARRAY)
target_link_libraries(provenbl_asio INTERFACE Boost::system Threads::Threads OpenSSL::SSL OpenSSL::Crypto)
