# What CMake has to know of the system.
set(CMAKE_EXECUTABLE_SUFFIX .wasm)
