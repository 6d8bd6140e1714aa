#!/usr/bin/env bash
# The room linter: clean on this tree, and it finds what is wrong in a bad one. rooms_test.sh SOURCE_DIR
set -euo pipefail
rooms=$1/tools/lint/rooms.py
python3 "$rooms" "$1"

bad=$(mktemp -d)
trap 'rm -rf "$bad"' EXIT
mkdir -p "$bad/src/base" "$bad/src/graph" "$bad/src/attic"
cat > "$bad/ARCHITECTURE.md" << 'END'
| room | holds | may include |
|---|---|---|
| base | Result | – |
| graph | Model | base cellar |
| micro | C | any |
END
printf '// Fine.\n#include "base/a.h"\n#include <vector>\n' > "$bad/src/graph/good.cc"
printf '// Goes up.\n#include "graph/good.h"\n#include "../graph/good.h"\n#include "beside.h"\n' > "$bad/src/base/up.h"
printf '#pragma once\n' > "$bad/src/base/mute.h"
printf '// Long.\n%.0s' {1..801} > "$bad/src/base/long.cc"
printf '// Lost.\n' > "$bad/src/attic/lost.cc"
git -C "$bad" init -q

expected="rooms: ARCHITECTURE.md: graph may include cellar, which is no room
rooms: ARCHITECTURE.md: there is no room src/micro
rooms: src/attic/lost.cc: ARCHITECTURE.md has no row for the room attic
rooms: src/base/long.cc: 801 lines, 800 at most
rooms: src/base/mute.h:1: the first line must be a comment that says what the file is for
rooms: src/base/up.h:2: base may not include graph/good.h; it may include nothing
rooms: src/base/up.h:3: ../graph/good.h must be named from src/, with its room
rooms: src/base/up.h:4: beside.h must be named from src/, with its room"
found=$(python3 "$rooms" "$bad") && { echo "a bad tree passes"; exit 1; }
diff <(echo "$expected") <(echo "$found")
