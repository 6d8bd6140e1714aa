# WebAssembly with WASI, preview 1, by Debian's clang, lld, wasi-libc and libc++.
list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
set(CMAKE_SYSTEM_NAME WASI)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_C_COMPILER clang-19)
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_C_COMPILER_TARGET wasm32-wasi)
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasi)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_C_FLAGS_INIT -msimd128)
set(CMAKE_CXX_FLAGS_INIT -msimd128)
# A module is downloaded and compiled at each start; kernels say for themselves that they want speed.
set(CMAKE_C_FLAGS_RELEASE "-Os -DNDEBUG" CACHE STRING "")
set(CMAKE_CXX_FLAGS_RELEASE "-Os -DNDEBUG" CACHE STRING "")
# Where Binaryen is installed the driver would let its wasm-opt have a go after -Os, which older ones do not survive; a last
# -O0 says no to that and nothing else, since links optimise nothing. (With --no-wasm-opt, clang 19 does not link at all.)
set(CMAKE_EXE_LINKER_FLAGS_INIT -O0)
