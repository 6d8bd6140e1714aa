#!/usr/bin/env bash
# The Rust crate's own tests, in the folder where the build has its dependencies: engine_test.sh CARGO SOURCE.
set -euo pipefail
exec "$1" test --quiet --release --locked --manifest-path "$2/src/host/engine/Cargo.toml" \
  --target-dir "${TULLE_CACHE:-$HOME/.cache/tulle}/host" --test tune
