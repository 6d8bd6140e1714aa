#!/usr/bin/env bash
# Installs Tulle into an empty folder and builds the examples against it, by the CMake package and by pkg-config.
set -euo pipefail
build=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
model=$source/models/digits/digits_int8.tflite

cmake --install "$build" --prefix "$work/prefix" > /dev/null
cmake -G Ninja -S "$source/examples" -B "$work/examples" -DCMAKE_PREFIX_PATH="$work/prefix" > /dev/null
cmake --build "$work/examples" > /dev/null
"$work/examples/first_inference_c" "$model" | tee "$work/c.txt"
"$work/examples/first_inference_cc" "$model" | tee "$work/cc.txt"
grep -q '10 bytes of int8' "$work/c.txt"
grep -q 'CONV_2D' "$work/cc.txt"

export PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name tulle.pc)")
cc "$source/examples/first_inference.c" $(pkg-config --cflags --libs tulle) -Wl,-rpath,"$(pkg-config --variable=libdir tulle)" -o "$work/by_pkg_config"
"$work/by_pkg_config" "$model" | cmp - "$work/c.txt"

# A bad file is an error with a place, not a crash, through the C boundary too.
printf '\x18\x00\x00\x00TFL3' > "$work/bad.tflite"
if "$work/by_pkg_config" "$work/bad.tflite" 2> "$work/error.txt"; then exit 1; fi
grep -q 'bad.tflite' "$work/error.txt"

# Nothing but the C API is exported.
! nm -D --defined-only "$work"/prefix/lib*/libtulle.so "$work"/prefix/lib/*/libtulle.so 2> /dev/null | grep -v -E ' tulle_|:$|^$'
"$work/prefix/bin/tulle" --version
