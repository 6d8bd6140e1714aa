#!/usr/bin/env python3
"""Unpacks models of the golden vectors as seeds: seeds.py FOLDER [PER_OPERATOR]. The format is told in tests/golden/case.py."""
import gzip
import json
import pathlib
import struct
import sys


def models(path):
    data = gzip.decompress(path.read_bytes())
    assert data[:8] == b"TULGOLD1", path
    (count,), at = struct.unpack_from("<I", data, 8), 12
    for _ in range(count):
        (length,) = struct.unpack_from("<I", data, at)
        head = json.loads(data[at + 4:at + 4 + length])
        at += 4 + length
        yield data[at:at + head["model_bytes"]]
        at += head["model_bytes"]
        at += sum(t["bytes"] for run in head["runs"] for side in ("inputs", "outputs") for t in run[side])


def main():
    folder, most = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 12
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted((pathlib.Path(__file__).parents[1] / "tests/golden").glob("*.golden.gz")):
        seeds = sorted({m for m in models(path) if len(m) < 4000}, key=lambda m: (len(m), m))
        for i, seed in enumerate(seeds[::max(1, len(seeds) // most)][:most]):
            (folder / f"{path.name.split('.')[0]}-{i}.tflite").write_bytes(seed)


if __name__ == "__main__":
    main()
