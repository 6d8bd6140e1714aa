# What CMake has to know of the system: nothing.
