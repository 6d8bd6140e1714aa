#!/usr/bin/env python3
"""Packed weights on the command line, in files and in the cache: cli_pack_test.py TULLE."""
import os
import re
import struct
import time
import unittest

from cli_case import DIGITS, FLOAT32, INT8, Case, tulle
from tiny_files import model, tensor

FULLY_CONNECTED, ITS_OPTIONS = 9, 8
OUT, DEPTH = 512, 1024


def large(**more):
    """One node with two megabytes of weights."""
    weights = struct.pack(f"<{OUT * DEPTH}f", *((i * 37 % 101 - 50) / 100 for i in range(OUT * DEPTH)))
    return model([tensor("float32", [1, DEPTH]), tensor("float32", [OUT, DEPTH], "w", weights),
                  tensor("float32", [OUT], "b", bytes(4 * OUT)), tensor("float32", [1, OUT], "y")], [0], [3],
                 nodes=[(FULLY_CONNECTED, ITS_OPTIONS, [0, 1, 2], [3])], **more)


class PackCase(Case):
    def setUp(self):
        super().setUp()
        self.model, self.cache = self.write("large.tflite", large()), self.folder / "cache"
        self.set = {"TULLE_ISA": "", "TULLE_CACHE": str(self.cache)}

    def packed(self, *options, path=None, **environment):
        found = self.json("bench", path or self.model, "--runs", 1, *options, **{**self.set, **environment})
        return found["packed"]

    def packs(self):
        return sorted(p for p in (self.cache / "packs").glob("*") if not p.is_symlink()) if self.cache.exists() else []

    def answer(self, *options, path=None):
        """The first output's bytes, and what standard error says."""
        done = tulle("run", path or self.model, "--random", 1, "-o", self.folder / "out", *options, **self.set)
        self.assertEqual(done.returncode, 0, done.stderr)
        return next((self.folder / "out").glob("0_*.npy")).read_bytes(), done.stderr.decode()


class Files(PackCase):
    def test_pack(self):
        for path in (self.model, INT8, FLOAT32):
            file = self.folder / "x.pack"
            found = self.json("pack", path, "-o", file, **self.set)
            self.assertEqual(list(found), ["file", "bytes", "weights", "isa", "ms"])
            self.assertEqual((found["file"], found["bytes"]), (str(file), file.stat().st_size))
            self.assertGreater(found["weights"], 0)
            self.assertTrue(self.packed("--pack", file, path=path))
            self.assertFalse(self.packed("--no-cache", path=path))
            self.assertEqual(self.answer("--pack", file, path=path), self.answer("--no-cache", path=path))
        text = self.ok("pack", INT8, "-o", file, **self.set)
        self.assertIn(f"wrote {file}", text)
        self.assertIn("weights out of a pack", self.ok("bench", INT8, "--runs", 1, "--pack", file, **self.set))
        picture = DIGITS / "images/3.png"
        plain, with_pack = (self.json("classify", picture, "-m", INT8, *options, **self.set)["images"][0]["top"] for options in ([], ["--pack", file]))
        self.assertEqual(plain, with_pack)
        self.assertEqual(self.packs(), [], "what is small or was given stays out of the cache")

    def test_signatures(self):
        path, file = self.write("two.tflite", large(graphs=2, signature=("second", {"x": 0}, {"y": 3}))), self.folder / "x.pack"
        self.assertEqual(self.json("pack", path, "-o", file, **self.set)["weights"], 2)
        self.assertTrue(self.packed("--pack", file, path=path) and self.packed("--pack", file, "--signature", "second", path=path))
        # The cache keeps what runs of one signature packed when another adds to it.
        found = [self.packed(*options, path=path) for options in 2 * [(), ("--signature", "second")]]
        self.assertEqual(found, [False, False, True, True])

    def test_refused_ones_are_done_without(self):
        file, expected = self.folder / "x.pack", self.answer("--no-cache")[0]
        self.ok("pack", self.model, "-o", file, **self.set)
        good = file.read_bytes()
        flipped = lambda at: good[:at] + bytes([good[at] ^ 1]) + good[at:][1:]
        for bad, word in ((b"", "not a pack"), (b"PK", "not a pack"), (good[:-1], "cut short"), (flipped(8), "format version"), (flipped(12), "layout"),
                          (flipped(16), "instruction set"), (flipped(40), "another model"), (flipped(64), "checksum"), (flipped(-1), "packed anew")):
            file.write_bytes(bad)
            found, error = self.answer("--pack", file)
            self.assertEqual(found, expected)
            self.assertRegex(error, rf"^tulle: warning: {re.escape(str(file))}: .*{word}.*\n$")
        self.ok("pack", FLOAT32, "-o", file, **self.set)
        self.assertIn("another model", self.answer("--pack", file)[1])
        self.assertIn("missing.pack", self.answer("--pack", self.folder / "missing.pack")[1])
        self.ok("pack", self.model, "-o", file, **{**self.set, "TULLE_ISA": "generic"})
        self.assertIn("instruction set", self.answer("--pack", file)[1])
        done = tulle("bench", self.model, "--runs", 1, "--pack", file, **{**self.set, "TULLE_ISA": "reference"})
        self.assertEqual((done.returncode, done.stderr.count(b"reference")), (0, 1))

    def test_usage(self):
        file = self.folder / "x.pack"
        self.fails(2, "pack", self.model, says="--output")
        self.fails(2, "run", self.model, "--pack", file, "--no-cache", says="--no-cache")
        self.fails(3, "pack", self.folder / "none.tflite", "-o", file, says="none.tflite")
        self.fails(3, "pack", self.model, "-o", self.model, says="the model itself")
        self.fails(3, "pack", self.model, "-o", self.folder, says=str(self.folder))
        self.fails(3, "pack", self.model, "-o", file, says="reference", TULLE_ISA="reference")
        self.fails(1, "pack", self.model, "-o", self.folder / "no/x.pack", says=["no/x.pack", "cannot write"])
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["large.tflite"])


class Cache(PackCase):
    def test_packs_once(self):
        self.assertFalse(self.packed())
        (file,) = self.packs()
        self.assertRegex(file.name, r"^[0-9a-f]{16}-[a-z0-9]+-\d+\.pack$")
        self.assertEqual([self.cache.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777], [0o700, 0o700])
        first, expected = file.stat().st_ino, self.answer("--no-cache")
        self.assertTrue(self.packed())
        self.assertEqual(self.answer(), expected)
        self.assertEqual((self.packs(), file.stat().st_ino), ([file], first), "written once")
        self.assertFalse(self.packed("--no-cache"))

    def test_puts_right_what_is_damaged(self):
        self.packed()
        (file,) = self.packs()
        good = file.read_bytes()
        time.sleep(2.1)  # the model's file has settled, so that the next pack remembers it
        file.unlink()
        self.packed()
        good = file.read_bytes()
        self.assertNotEqual(good[64:104], bytes(40))
        for at in (0, 12, 40, 64, 104, -1):
            file.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at:][1:])
            self.assertFalse(self.packed(), at)
            self.assertEqual(file.read_bytes(), good)
            self.assertTrue(self.packed())

    def test_what_stays_out(self):
        self.packed(path=INT8)
        self.packed("--no-cache")
        self.assertFalse(self.packed(TULLE_ISA="reference"))
        self.ok("compare", self.model, self.model, **self.set)
        self.ok("inspect", self.model, **self.set)
        self.assertFalse(self.cache.exists())

    def test_places(self):
        homes = {"TULLE_CACHE": "", "XDG_CACHE_HOME": "", "HOME": ""}
        for name, inside in (("TULLE_CACHE", "packs"), ("XDG_CACHE_HOME", "tulle/packs"), ("HOME", ".cache/tulle/packs")):
            homes[name] = str(self.folder / name)
            ours = {**homes, **{other: "" for other in homes if other != name}}
            self.assertEqual([self.packed(**ours), self.packed(**ours)], [False, True], name)
            there = [p.is_symlink() for p in (self.folder / name / inside).iterdir()]
            self.assertEqual(sorted(there), [False, True], "a pack, and the model's link to it")
        nowhere = dict.fromkeys(homes, "")
        self.assertFalse(self.packed(**nowhere) or self.packed(**nowhere))
        self.assertFalse(self.packed(TULLE_CACHE="/proc/nowhere"))

    def test_folders_that_others_write_to_are_left_alone(self):
        self.packed()
        (self.cache / "packs").chmod(0o770)
        before = self.packs()[0].stat().st_mtime_ns
        self.assertFalse(self.packed())
        self.assertEqual(self.packs()[0].stat().st_mtime_ns, before)

    def test_stays_small(self):
        folder, old = self.cache / "packs", time.time() - 1000
        folder.mkdir(parents=True)
        for name, age in (("a.pack", 3), ("b.pack", 1), ("c.pack", 2)):
            (folder / name).touch()
            os.truncate(folder / name, 1 << 30)
            os.utime(folder / name, (old - age, old - age))
        (folder / "note.txt").write_text("not ours")
        self.packed()
        names = [p.name for p in self.packs()]
        self.assertEqual(len(names), 3)
        self.assertTrue({"b.pack", "note.txt"} < set(names), names)
        (file,) = (p for p in self.packs() if re.match("[0-9a-f]{16}-", p.name))
        gone = folder / "1-2-3.link"
        gone.symlink_to("nothing.pack")
        os.utime(file, (old, old))
        self.assertTrue(self.packed())
        self.assertGreater(file.stat().st_mtime, old + 100, "use is what counts")
        file.unlink()
        self.packed()
        self.assertFalse(gone.is_symlink(), "links to what is gone go, too")


if __name__ == "__main__":
    unittest.main()
