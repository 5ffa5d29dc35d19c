# Compiler switches, the compiler cache and the sanitizers.
find_program(CCACHE ccache)
if(CCACHE)
  # Precompiled headers are cacheable only with these; the base folder makes several build folders share the cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()

add_library(insula_compiler INTERFACE)
target_compile_options(insula_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wnon-virtual-dtor -Wold-style-cast -Wshadow -Wimplicit-fallthrough -Wno-missing-field-initializers
  -Wno-gnu-zero-variadic-macro-arguments -fPIE
  $<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>
  $<$<CONFIG:Debug>:-g1 -fno-omit-frame-pointer>
  $<$<CONFIG:Release>:-O2 -g1>)
target_compile_definitions(insula_compiler INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
if(INSULA_SANITIZE)
  target_compile_options(insula_compiler INTERFACE -fsanitize=${INSULA_SANITIZE} -fno-sanitize-recover=all -O1)
  target_link_options(insula_compiler INTERFACE -fsanitize=${INSULA_SANITIZE})
  if(INSULA_SANITIZE MATCHES "address")
    # The suppression of leak reports is nowhere needed: libraries below free what they take.
    target_compile_definitions(insula_compiler INTERFACE INSULA_ADDRESS_SANITIZER=1)
  endif()
endif()
if(INSULA_FUZZ)
  target_compile_options(insula_compiler INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # One file to ship: third-party libraries are linked statically wherever Debian has the archive (docs/dependencies.md).
  target_link_options(insula_compiler INTERFACE -static-libstdc++ -static-libgcc -Wl,--gc-sections -Wl,--as-needed)
endif()
target_link_options(insula_compiler INTERFACE -pie)
