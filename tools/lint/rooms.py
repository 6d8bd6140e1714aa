#!/usr/bin/env python3
# Checks the source tree against the room table of ARCHITECTURE.md: includes, first lines, lengths. rooms.py [ROOT]
import pathlib
import re
import subprocess
import sys

LONG, TOO_LONG = 450, 800
COMMENT = {".cc": "//", ".h": "//", ".hpp": "//", ".def": "//", ".fbs": "//", ".c": ("//", "/*"), ".py": ("#", '"""'), ".sh": "#"}
DATA = {".def", ".fbs"}
# C reads these, too.
C_HEADER = re.compile(r"\.ref\.h$|^include/.*\.h$")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
MADE_BY_THE_BUILD = re.compile(r"^\w+_generated\.h$")


def room_table(page):
    """The rows of '| room | holds | may include |': each room's name and the set it may include, or None for any."""
    rooms, inside = {}, False
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[0] == "room" and cells[-1] == "may include":
            inside = True
        elif inside and len(cells) != 3:
            break
        elif inside and not cells[0].startswith("-"):
            words = set(cells[2].replace("–", "").split())
            rooms[cells[0]] = None if words == {"any"} else words
    return rooms


def tracked(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True)
    return sorted(name for name in set(listed.stdout.splitlines()) if (root / name).is_file())


def check_first_line(name, lines):
    first = lines[1] if len(lines) > 1 and lines[0].startswith("#!") else (lines[0] if lines else "")
    marks = COMMENT[pathlib.PurePath(name).suffix]
    if C_HEADER.search(name):
        marks = ("//", "/*")
    if lines and not (first.startswith(marks) and first.strip('/*#" ')):
        yield f"{name}:1: the first line must be a comment that says what the file is for"


def check_includes(name, lines, rooms):
    room = name.split("/")[1]
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match or MADE_BY_THE_BUILD.match(match[1]):
            continue
        target = match[1].split("/")[0]
        if "/" not in match[1] or target == "..":
            yield f"{name}:{number}: {match[1]} must be named from src/, with its room"
        elif target == "tulle" or target == room or rooms[room] is None or target in rooms[room]:
            continue  # tulle/ is what all may see: include/
        else:
            yield f"{name}:{number}: {room} may not include {match[1]}; it may include {' '.join(sorted(rooms[room])) or 'nothing'}"


def check_length(name, lines):
    if len(lines) > TOO_LONG:
        yield f"{name}: {len(lines)} lines, {TOO_LONG} at most"
    elif len(lines) > LONG:
        print(f"warning: {name}: {len(lines)} lines, over {LONG}")


def check(root):
    rooms = room_table((root / "ARCHITECTURE.md").read_text())
    if not rooms:
        yield "ARCHITECTURE.md: there is no table | room | holds | may include |"
        return
    for room, may in rooms.items():
        for other in sorted((may or set()) - set(rooms)):
            yield f"ARCHITECTURE.md: {room} may include {other}, which is no room"
        if not (root / "src" / room).is_dir():
            yield f"ARCHITECTURE.md: there is no room src/{room}"
    for name in tracked(root):
        if pathlib.PurePath(name).suffix not in COMMENT:
            continue
        lines = (root / name).read_text(errors="replace").splitlines()
        yield from check_first_line(name, lines)
        if pathlib.PurePath(name).suffix not in DATA:
            yield from check_length(name, lines)
        parts = name.split("/")
        if parts[0] == "src" and len(parts) > 2 and parts[1] not in rooms:
            yield f"{name}: ARCHITECTURE.md has no row for the room {parts[1]}"
        elif parts[0] == "src" and len(parts) > 2:
            yield from check_includes(name, lines, rooms)


if __name__ == "__main__":
    home = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    wrong = list(check(home))
    print("\n".join(f"rooms: {line}" for line in wrong), end="\n" if wrong else "")
    sys.exit(1 if wrong else 0)
