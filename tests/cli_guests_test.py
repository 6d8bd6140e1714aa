#!/usr/bin/env python3
"""The guests of guest/ and examples/ under `tulle wasm run`, against the command itself: cli_guests_test.py TULLE.
Exits 77 where `make wasm` or examples/guests was not run."""
import pathlib
import re
import struct
import sys
import unittest

from cli_case import DIGITS, FLOAT32, INT8, ROOT, TULLE, Case, tulle
from tiny_files import npy, read_npy

WASM = pathlib.Path(TULLE).resolve().parent / "wasm"
LABELS = ROOT / "tests/wasm/digits.txt"
FOLDERS = "--dir", f"{DIGITS}::/digits:ro", "--dir", f"{LABELS.parent}::/lists:ro"
MODULES = "label_image", "label_image_snapshot", "label_by_index", "label_by_name", "rust_guest", "assemblyscript_guest"
TOP = 5


def guest(name, *flags):
    return "wasm", "run", WASM / f"{name}.wasm", *flags, "--"


def f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


class Labels(Case):
    """A picture labelled by the command, by the engine in wasm, and by the host for a guest."""
    def native(self, picture, model):
        top = self.json("classify", picture, "-m", model, "--labels", LABELS, "--top", TOP)["images"][0]["top"]
        return "".join(f"{rank} {entry['score']:.6f} {entry['label']}\n" for rank, entry in enumerate(top, 1))

    def by(self, way, model, picture, *words):
        return self.ok(*guest(f"label_by_{way}", *FOLDERS, "--model", f"classifier={model}"), "classifier", f"/digits/images/{picture.name}", "/lists/digits.txt", *words)

    def test_the_same_five_lines(self):
        preparation = re.search(rb'\{"labels".*?\}', INT8.read_bytes(), re.DOTALL)[0].decode()
        for picture in sorted((DIGITS / "images").glob("*.png")):
            words = f"/digits/images/{picture.name}", "/lists/digits.txt"
            for model in INT8, FLOAT32:
                lines = self.native(picture, model)
                for way in "index", "name":
                    self.assertEqual(self.by(way, model, picture, preparation), lines)
            lines = self.native(picture, INT8)
            self.assertEqual(self.ok(*guest("label_image", *FOLDERS), "/digits/digits_int8.tflite", *words), lines)
            self.assertEqual(self.ok(*guest("label_image_snapshot", *FOLDERS), *words), lines)

    def test_pictures_of_models_that_say_nothing(self):
        for model in INT8, FLOAT32:
            silent = self.write("silent.tflite", model.read_bytes().replace(b"TULLE_PREPARE", b"TULLE_PREPARX"))
            for picture in sorted((DIGITS / "images").glob("*.png")):
                for way in "index", "name":
                    self.assertEqual(self.by(way, silent, picture), self.native(picture, silent))

    def test_names(self):
        picture = DIGITS / "images/3.png"
        self.assertEqual(self.by("name", INT8, picture, "", "picture", "probabilities"), self.by("index", INT8, picture))
        for module, model, names, says in (("by_index", "other", (), "other"), ("by_name", "other", (), "other"), ("by_name", "classifier", ("", "image", "probabilities"), "image"),
                                           ("by_name", "classifier", ("", "picture", "classes"), "classes")):
            done = tulle(*guest(f"label_{module}", *FOLDERS, "--model", f"classifier={INT8}"), model, "/digits/images/3.png", "/lists/digits.txt", *names)
            self.assertEqual((done.returncode, done.stdout), (3, b""), done)
            self.assertIn(says, done.stderr.decode())


class OtherLanguages(Case):
    """Crates and packages that nobody here wrote, with either table of type numbers."""
    def test_largest_outputs(self):
        for model, kind, letter in (INT8, "i8", "b"), (FLOAT32, "f32", "f"):
            self.write("m.tflite", model.read_bytes())
            self.ok("classify", DIGITS / "images/7.png", "-m", model, "--dump-input", self.folder / "seven.npy")
            dtype, shape, seven = read_npy((self.folder / "seven.npy").read_bytes())
            for name, values in ("seven", seven), ("zeros", [0] * len(seven)):
                array = self.write("in.npy", npy(dtype, shape, values))
                self.write(name, struct.pack(f"<{len(values)}{letter}", *values))
                self.ok("run", model, "--input", f"0={array}", "-o", self.folder / "out")
                _, [(_, _, outputs)] = self.outputs(self.folder / "out")
                largest = sorted(range(len(outputs)), key=lambda i: (-outputs[i], i))[:TOP]
                folder = "--dir", f"{self.folder}::/in:ro"
                for words in ((*guest("rust_guest", *folder, "--model", f"digits={model}"), "digits", kind, "1x8x8x1", f"/in/{name}"),
                              (*guest("assemblyscript_guest", *folder), "m.tflite", kind, "1x8x8x1", name)):
                    # Without a file the guests make the zeros themselves.
                    lines = self.ok(*(words if name == "seven" else words[:-1])).splitlines()
                    found = [(int(index), f32(float(value))) for index, value in map(str.split, lines)]
                    self.assertEqual(found, [(i, f32(outputs[i])) for i in largest], words)

    def test_errors(self):
        self.write("m.tflite", INT8.read_bytes())
        folder = "--dir", f"{self.folder}::/in:ro"
        for words in ((*guest("rust_guest"), "digits", "i8", "1x8x8x1"), (*guest("rust_guest", "--model", f"digits={INT8}"), "digits", "i8", "1x8x8x2"),
                      (*guest("assemblyscript_guest", *folder), "none.tflite", "i8", "1x8x8x1"), (*guest("assemblyscript_guest", *folder), "m.tflite", "i8", "1x8x8x2")):
            done = tulle(*words)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count(b"\n")), (3, b"", 1), done)


if __name__ == "__main__":
    if not all((WASM / f"{name}.wasm").exists() for name in MODULES):
        sys.exit(77)
    unittest.main()
