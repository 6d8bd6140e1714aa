#!/usr/bin/env python3
"""The contract of docs/cli.md, line by line: cli_test.py TULLE. Models and pictures are the bundled digits and files written here."""
import io
import json
import math
import os
import pathlib
import pty
import random
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

from tiny_files import ELEMENTS, Ints, flatbuffer, identity, model, npy, png, read_npy, tensor

ROOT = pathlib.Path(__file__).resolve().parents[1]
DIGITS = ROOT / "models/digits"
INT8, FLOAT32 = DIGITS / "digits_int8.tflite", DIGITS / "digits_float32.tflite"
SHARED = pathlib.Path(os.environ.get("TULLE_SHARED", ROOT.parent / "shared"))
TULLE = sys.argv.pop(1) if __name__ == "__main__" else "tulle"
VERBS = "classify detect segment pose run inspect compare bench ops".split()


def tulle(*args, **environment):
    return subprocess.run([TULLE, *map(str, args)], capture_output=True, env={**os.environ, **environment}, timeout=300)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, data):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def ok(self, *args, **environment):
        """Standard output of a command that succeeds and complains about nothing."""
        done = tulle(*args, **environment)
        self.assertEqual((done.returncode, done.stderr), (0, b""), args)
        return done.stdout.decode()

    def json(self, *args, **environment):
        return json.loads(self.ok(*args, "--json", **environment))

    def fails(self, code, *args, says=(), **environment):
        """The exit code; the first line of standard error, which must hold every word of `says`; nothing on standard output."""
        done = tulle(*args, **environment)
        error = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (code, b""), f"{args}: {error}")
        first = error.split("\n")[0]
        self.assertTrue(first.startswith("tulle: "), error)
        for word in [says] if isinstance(says, str) else says:
            self.assertIn(word, first)
        if code != 2:
            self.assertEqual(error.count("\n"), 1, error)

    def outputs(self, folder):
        """outputs.json with each file's contents: (dtype, shape, values), or the JSON of strings."""
        entries = json.loads((folder / "outputs.json").read_text())
        for entry in entries:
            self.assertEqual(list(entry), ["name", "file", "dtype", "shape"])
        files = [folder / entry["file"] for entry in entries]
        return entries, [json.loads(f.read_text()) if f.suffix == ".json" else read_npy(f.read_bytes()) for f in files]

    def fed(self, picture, path, *options):
        """What a model of pictures is fed: (dtype, shape, values)."""
        self.ok("segment", picture, "-m", path, "--dump-input", self.folder / "fed.npy", *options)
        return read_npy((self.folder / "fed.npy").read_bytes())


class Usage(Case):
    def test_help(self):
        self.assertIn("Exit codes", self.ok("--help"))
        self.assertRegex(self.ok("--version"), r"^tulle \d+\.\d+\.\d+\n$")
        for verb in VERBS:
            text = self.ok(verb, "--help")
            self.assertIn("--json", text)
            self.assertIn(f"  tulle {verb}", text, "an example")

    def test_wrong_usage_is_2(self):
        for args, says in [
            ([], "verb"), (["brew"], "brew"), (["run"], ["run", "MODEL"]), (["classify"], "IMAGE"), (["detect", "x.png"], "--model"),
            (["compare", "a"], "B"), (["ops", "--loud"], "--loud"), (["run", INT8, "--threads", 0], "--threads"),
            (["run", INT8, "--random", "many"], "--random"), (["run", INT8, "--input", "0"], "NAME=FILE"), (["run", INT8, "extra"], "extra"),
            (["bench", INT8, "--runs", 0], "--runs"), (["classify", "x", "--top", 0], "--top"), (["classify", "x", "--std", "0"], "--std"),
            (["classify", "x", "--mean", "a"], "--mean"), (["classify", "x", "--mean", "nan"], "--mean"),
            (["classify", "x", "--crop", "2"], "--crop"), (["classify", "x", "--fit", "tight"], "--fit"),
            (["classify", "x", "--resample", "magic"], "--resample"), (["detect", "x", "-m", "y", "--threshold", "7"], "--threshold"),
            (["inspect", INT8, "--weights"], "--text"), (["inspect", INT8, "--text", "--json"], "--json"),
        ]:
            self.fails(2, *args, says=says)

    def test_every_verb_that_runs_takes_threads(self):
        picture, cells = self.write("p.png", png(4, 4, [9] * 48)), self.write("i.tflite", identity("uint8", [1, 4, 4, 3]))
        self.ok("classify", DIGITS / "images/3.png", "-m", INT8, "--threads", 2)
        self.ok("segment", picture, "-m", cells, "--threads", 2)
        self.ok("run", INT8, "--random", 1, "--threads", 2)
        self.ok("compare", INT8, INT8, "--threads", 2)
        self.assertEqual(self.json("bench", INT8, "--runs", 1, "--threads", 2)["threads"], 2)


class Errors(Case):
    def test_model_files_are_3(self):
        whole = INT8.read_bytes()
        bad = {"missing.tflite": None, "empty.tflite": b"", "text.tflite": b"hello, world!\n" * 9, "short.tflite": whole[:len(whole) // 2],
               "empty_table.tflite": bytes.fromhex("1800000054464c33")}
        for name, data in bad.items():
            path = self.folder / name if data is None else self.write(name, data)
            for verb in (["run", path, "--random", 1], ["inspect", path], ["inspect", path, "--json"], ["bench", path], ["compare", path, INT8],
                         ["compare", INT8, path], ["classify", DIGITS / "images/3.png", "-m", path], ["pose", "x.png", "-m", path]):
                self.fails(3, *verb, says=name)
        self.fails(3, "run", self.folder, "--random", 1, says=str(self.folder))

    def test_inputs_are_3(self):
        model = INT8
        shape = self.json("inspect", model)["inputs"][0]["shape"]
        good = npy("int8", shape, [0] * math.prod(shape))
        self.ok("run", model, "-i", f"0={self.write('good.npy', good)}")
        self.fails(3, "run", model, says=["digits_int8", "no value", "int8", "--input 0="])
        self.fails(3, "run", model, "-i", "0=nowhere.npy", says="nowhere.npy")
        self.fails(3, "run", model, "-i", f"0={self.folder}", says=str(self.folder))
        self.fails(3, "run", model, "-i", f"nose={self.folder / 'good.npy'}", says=["digits_int8", "nose", self.json("inspect", model)["inputs"][0]["name"]])
        self.fails(3, "run", model, "-i", f"7={self.folder / 'good.npy'}", says="7")
        self.fails(3, "run", model, "-i", f"0={self.folder / 'good.npy'}", "-i", f"0={self.folder / 'good.npy'}", says="twice")
        for name, data, says in [
            ("cut.npy", good[:-1], "cut short"), ("head.npy", good[:40], "header"), ("text.npy", b"1,2,3", ".npy"),
            ("real.npy", npy("float32", shape, [0.0] * math.prod(shape)), ["float32", "int8"]),
            ("rank.npy", npy("int8", [8, 8, 1], [0] * 64), "[8,8,1]"), ("flat.npy", npy("int8", [64], [0] * 64), "[64]"),
            ("records.npy", good.replace(b"'|i1'", b"'|O8'"), "O8"), ("vast.npy", good.replace(f"({shape[0]}, ".encode(), b"(99999, "), "npy"),
        ]:
            self.fails(3, "run", model, "-i", f"0={self.write(name, data)}", says=[name, *([says] if isinstance(says, str) else says)])

    def test_pictures_and_labels_are_3(self):
        picture = (DIGITS / "images/3.png").read_bytes()
        for name, data in {"missing.png": None, "cut.png": picture[:-30], "flipped.png": picture[:-15] + bytes([picture[-15] ^ 1]) + picture[-14:], "text.png": b"no",
                           "empty.jpg": b"", "cut.jpg": b"\xff\xd8\xff\xe0", "cut.bmp": b"BM" + bytes(40),
                           "vast.png": picture[:16] + struct.pack(">II", 9000, 9000) + picture[24:]}.items():
            path = self.folder / name if data is None else self.write(name, data)
            self.fails(3, "classify", path, "-m", INT8, says=name)
        self.fails(3, "classify", self.folder, "-m", INT8, says=str(self.folder))
        for name, data in {"missing.txt": None, "latin.txt": b"ok\nfa\xe7ade\n", "picture.txt": picture}.items():
            path = self.folder / name if data is None else self.write(name, data)
            self.fails(3, "classify", DIGITS / "images/3.png", "-m", INT8, "--labels", path, says=name)
        self.fails(3, "classify", DIGITS / "images/3.png", "-m", self.write("i.tflite", identity("float32", [1, 5])), says=["[1,5]", "x"])
        for verb, says in (("detect", "boxes"), ("pose", "[1,1,17,3]")):
            self.fails(3, verb, DIGITS / "images/3.png", "-m", self.write("i.tflite", identity("uint8", [1, 4, 4, 3])), says=["i.tflite", says])

    def test_signatures_are_3(self):
        for verb in (["run", INT8, "--random", 1], ["bench", INT8], ["inspect", INT8], ["compare", INT8, INT8]):
            self.fails(3, *verb, "--signature", "encore", says=["encore", "digits_int8"])

    def test_unwritable_is_1(self):
        file = self.write("file", b"")
        picture = DIGITS / "images/3.png"
        self.fails(1, "run", INT8, "--random", 1, "-o", file, says=str(file))
        self.fails(1, "run", INT8, "--random", 1, "-o", file / "under", says=str(file))
        self.fails(1, "inspect", INT8, "--html", self.folder / "no/page.html", says="page.html")
        self.fails(1, "classify", picture, "-m", INT8, "--dump-input", self.folder / "no/fed.npy", says="fed.npy")
        self.fails(1, "segment", picture, "-m", self.write("i.tflite", identity("uint8", [1, 4, 4, 1])), "-o", self.folder / "no/out.png", says="out.png")
        if os.path.exists("/dev/full"):
            with open("/dev/full", "w") as full:
                done = subprocess.run([TULLE, "ops"], stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"standard output", done.stderr)

    def test_names_do_not_steer_the_terminal(self):
        path = self.write("i.tflite", identity("int8", [1], name="a\x1b[2Jb\nc"))
        self.assertNotIn("\x1b", self.ok("run", path, "--random", 1) + self.ok("inspect", path))
        self.fails(3, "run", path, says="has no value")
        self.assertEqual(self.json("inspect", path)["inputs"][0]["name"], "a\x1b[2Jb\nc")
        path = self.write("j.tflite", identity("int8", [1], name="caf\udce9"))  # not UTF-8
        self.assertEqual(self.json("inspect", path)["inputs"][0]["name"], "caf\ufffd")
        self.ok("run", path, "--random", 1, "-o", self.folder / "out")
        self.assertEqual(self.outputs(self.folder / "out")[0][0]["name"], "caf\ufffd")


class Run(Case):
    def test_layout(self):
        out = self.folder / "a/b"
        printed = self.ok("run", FLOAT32, "--random", 7, "-o", out)
        entries, values = self.outputs(out)
        self.assertEqual(len(entries), 1)
        self.assertEqual((entries[0]["dtype"], entries[0]["shape"]), ("float32", [1, 10]))
        self.assertEqual((values[0][0], values[0][1]), ("float32", (1, 10)))
        self.assertAlmostEqual(sum(values[0][2]), 1, places=5)
        self.assertIn(entries[0]["file"], printed)
        self.assertEqual(sorted(p.name for p in out.iterdir()), sorted([entries[0]["file"], "outputs.json"]))
        self.assertEqual(self.json("run", FLOAT32, "--random", 7, "-o", out), entries)
        self.assertEqual(self.outputs(out)[1], values, "the same seed, the same numbers")
        self.assertEqual([list(e) for e in self.json("run", FLOAT32, "--random", 7)], [["name", "dtype", "shape"]])

    def test_element_types(self):
        samples = {"float32": [0.5, -2.0], "float16": [0.5, -2.0], "float64": [0.1, 1e300], "int8": [-128, 127], "uint8": [0, 255],
                   "int16": [-32768, 9], "int32": [-1, 2 ** 31 - 1], "int64": [-1, 2 ** 62], "bool": [True, False]}
        for dtype, values in samples.items():
            path = self.write("i.tflite", identity(dtype, [1, 2]))
            self.ok("run", path, "-i", f"x={self.write('x.npy', npy(dtype, [1, 2], values))}", "-o", self.folder / dtype)
            entries, outputs = self.outputs(self.folder / dtype)
            self.assertEqual(outputs, [(dtype, (1, 2), values)])
            self.assertEqual((entries[0]["dtype"], entries[0]["shape"]), (dtype, [1, 2]))

    def test_int4_is_int8(self):
        path = self.write("i.tflite", identity("int4", [5]))
        self.ok("run", path, "-i", f"0={self.write('x.npy', npy('int8', [5], [-8, -1, 0, 1, 7]))}", "-o", self.folder / "out")
        entries, outputs = self.outputs(self.folder / "out")
        self.assertEqual((entries[0]["dtype"], outputs), ("int8", [("int8", (5,), [-8, -1, 0, 1, 7])]))

    def test_strings_are_json(self):
        path, words = self.write("i.tflite", identity("string", [2, 2])), [["", "naïve"], ["a\nb", "\"quoted\""]]
        self.ok("run", path, "-i", f"x={self.write('x.json', json.dumps(words).encode())}", "-o", self.folder / "out")
        entries, outputs = self.outputs(self.folder / "out")
        self.assertEqual((entries[0]["dtype"], entries[0]["shape"], outputs), ("string", [2, 2], [words]))
        for name, bad in (("ragged.json", [["a"], ["b", "c"]]), ("mixed.json", ["a", ["b"]]), ("numbers.json", [1])):
            self.fails(3, "run", path, "-i", f"x={self.write(name, json.dumps(bad).encode())}", says=name)
        self.fails(3, "run", path, "-i", f"x={self.write('broken.json', b'[')}", says="broken.json")

    def test_npy_orders(self):
        path = self.write("i.tflite", identity("float32", [2, 3]))
        self.ok("run", path, "-i", f"0={self.write('f.npy', npy('float32', [2, 3], [1, 4, 2, 5, 3, 6], order='F'))}", "-o", self.folder / "out")
        self.assertEqual(self.outputs(self.folder / "out")[1][0][2], [1, 2, 3, 4, 5, 6])
        swapped = npy("float32", [2, 3], [0] * 6).replace(b"'<f4'", b"'>f4'")[:-24] + struct.pack(">6f", 1, 2, 3, 4, 5, 6)
        self.ok("run", path, "-i", f"0={self.write('b.npy', swapped)}", "-o", self.folder / "out")
        self.assertEqual(self.outputs(self.folder / "out")[1][0][2], [1, 2, 3, 4, 5, 6])

    def test_resize(self):
        path = self.write("i.tflite", identity("int8", [1, 2], signature=[-1, 2]))
        self.ok("run", path, "-i", f"x={self.write('x.npy', npy('int8', [3, 2], [1, 2, 3, 4, 5, 6]))}", "-o", self.folder / "out")
        self.assertEqual(self.outputs(self.folder / "out")[1], [("int8", (3, 2), [1, 2, 3, 4, 5, 6])])

    def test_dequantize(self):
        path = self.write("i.tflite", identity("uint8", [3], scale=0.5, zero=10))
        codes = self.write("x.npy", npy("uint8", [3], [0, 10, 255]))
        self.ok("run", path, "-i", f"x={codes}", "-o", self.folder / "codes")
        self.assertEqual(self.outputs(self.folder / "codes")[1], [("uint8", (3,), [0, 10, 255])])
        self.ok("run", path, "-i", f"x={codes}", "-o", self.folder / "reals", "--dequantize")
        entries, outputs = self.outputs(self.folder / "reals")
        self.assertEqual((entries[0]["dtype"], outputs), ("float32", [("float32", (3,), [-5, 0, 122.5])]))

    def test_names_and_order(self):
        tensors = [tensor("int8", [1], "t0"), tensor("int8", [1], "t1")]
        path = self.write("s.tflite", model(tensors, [0, 1], [0, 1], signature=("swap", {"second": 1, "first": 0}, {"b": 1, "a": 0})))
        one, two = (self.write(f"{n}.npy", npy("int8", [1], [n])) for n in (1, 2))
        out = self.folder / "out"
        named = lambda: [(e["name"], o[2]) for e, o in zip(*self.outputs(out))]
        for inputs in ([f"t0={one}", f"t1={two}"], [f"1={two}", f"0={one}"]):  # graph order, its own names
            self.ok("run", path, "-i", inputs[0], "-i", inputs[1], "-o", out)
            self.assertEqual(named(), [("t0", [1]), ("t1", [2])])
        for inputs in ([f"first={one}", f"second={two}"], [f"0={two}", f"1={one}"], [f"t0={one}", f"t1={two}"]):  # signature order, its names
            self.ok("run", path, *inputs, "--signature", "swap", "-o", out)
            self.assertEqual(named(), [("b", [2]), ("a", [1])])
        self.fails(3, "run", path, "-i", f"0={one}", says=["t1", "--input 1="])


class Pictures(Case):
    def test_classify(self):
        files = sorted((DIGITS / "images").glob("*.png"))
        for path in (INT8, FLOAT32):
            found = self.json("classify", *files, "-m", path, "--top", 2)
            self.assertEqual(list(found), ["images"])
            for file, image in zip(files, found["images"], strict=True):
                self.assertEqual(list(image), ["file", "top", "ms"])
                self.assertEqual(image["file"], str(file))
                self.assertGreater(image["ms"], 0)
                self.assertEqual([list(e) for e in image["top"]], [["index", "label", "score"]] * 2)
                best, second = image["top"]
                self.assertEqual((best["index"], best["label"]), (int(file.stem), file.stem))
                self.assertGreaterEqual(best["score"], second["score"])
        text = self.ok("classify", files[3], "-m", INT8)
        self.assertEqual(len(text.splitlines()), 6)
        self.assertIn(str(files[3]), text)

    def test_labels(self):
        for text in (b"zero\none\ntwo\nthree\n", b"\xef\xbb\xbfzero\r\none\r\ntwo\r\nthree", b"3: three\n0  zero\n"):
            top = self.json("classify", DIGITS / "images/3.png", "-m", INT8, "--labels", self.write("l.txt", text), "--top", 10)["images"][0]["top"]
            self.assertEqual(top[0]["label"], "three")
            self.assertEqual(next(e["label"] for e in top if e["index"] == 9), "9", "past the end: the number")

    def test_cache(self):
        self.fails(3, "classify", DIGITS / "images/3.png", TULLE_CACHE=str(self.folder), says=["make models", str(self.folder)])
        self.write("models/efficientnet_lite0.tflite", INT8.read_bytes())
        found = self.json("classify", DIGITS / "images/3.png", TULLE_CACHE=str(self.folder))
        self.assertEqual(found["images"][0]["top"][0]["index"], 3)
        self.write("home/.cache/tulle/models/efficientnet_lite0.tflite", INT8.read_bytes())
        self.ok("classify", DIGITS / "images/3.png", TULLE_CACHE="", HOME=str(self.folder / "home"))

    def test_logits_become_probabilities(self):
        path = self.write("i.tflite", model([tensor("uint8", [1, 2, 2, 3]), tensor("float32", [1, 3], "y", struct.pack("<3f", 5, -1, float("nan")))], [0], [1]))
        self.json("classify", DIGITS / "images/3.png", "-m", path)
        path = self.write("i.tflite", model([tensor("uint8", [1, 2, 2, 3]), tensor("float32", [1, 2], "y", struct.pack("<2f", 5, -1))], [0], [1]))
        top = self.json("classify", DIGITS / "images/3.png", "-m", path)["images"][0]["top"]
        self.assertAlmostEqual(top[0]["score"], 1 / (1 + math.exp(-6)), places=6)
        self.assertAlmostEqual(top[0]["score"] + top[1]["score"], 1, places=6)

    def constants(self, *outputs):
        """A model that looks at a picture of 4 by 4 and always answers the same float32 tensors (shape, values)."""
        tensors = [tensor("uint8", [1, 4, 4, 3])]
        tensors += [tensor("float32", shape, f"y{i}", struct.pack(f"<{len(v)}f", *v)) for i, (shape, v) in enumerate(outputs)]
        return self.write("constant.tflite", model(tensors, [0], list(range(1, len(tensors)))))

    def test_detect(self):
        path = self.constants(([1, 3, 4], [0.25, 0.5, 0.75, 1.0, 0, 0, 1, 1, float("nan"), 0, float("inf"), 1]), ([1, 3], [1, 0, 4e9]),
                              ([1, 3], [0.9, 0.2, 0.8]), ([1], [3]))
        picture, labels = self.write("p.png", png(200, 100, [50] * 60000)), self.write("l.txt", b"???\nhat\ncoat\n")
        boxes = self.json("detect", picture, "-m", path, "--labels", labels, "-o", self.folder / "out.png")["boxes"]
        self.assertEqual([list(b) for b in boxes], [["label", "index", "score", "x0", "y0", "x1", "y1"]] * 2)
        self.assertEqual(list(boxes[0].values())[:2] + list(boxes[0].values())[3:], ["coat", 1, 100, 25, 200, 75])
        self.assertAlmostEqual(boxes[0]["score"], 0.9, places=6)
        self.assertEqual(len(self.json("detect", picture, "-m", path, "--threshold", 0.1)["boxes"]), 3)
        box = self.json("detect", picture, "-m", path, "--fit", "square")["boxes"][0]
        self.assertEqual([box["x0"], box["y0"], box["x1"], box["y1"]], [100, 25, 150, 75])
        drawn = (self.folder / "out.png").read_bytes()
        self.assertEqual(drawn[:8] + drawn[16:24], b"\x89PNG\r\n\x1a\n" + struct.pack(">II", 200, 100))
        self.assertIn("coat", self.ok("detect", picture, "-m", path, "--labels", labels))

    def test_pose(self):
        path = self.constants(([1, 1, 17, 3], [x for i in range(17) for x in (i / 20, 0.5, 0.1 + i / 20)]))
        picture = self.write("p.png", png(200, 100, [50] * 60000))
        points = self.json("pose", picture, "-m", path, "-o", self.folder / "out.png")["points"]
        self.assertEqual([list(p) for p in points], [["name", "x", "y", "score"]] * 17)
        self.assertEqual((points[0]["name"], points[5]["name"], points[16]["name"]), ("nose", "left shoulder", "right ankle"))
        self.assertEqual((points[4]["x"], round(points[4]["y"], 4)), (100, 20))
        self.assertNotEqual((self.folder / "out.png").stat().st_size, 0)

    def test_segment(self):
        cells = [3] * 5 + [0] * 11
        picture = self.write("p.png", png(4, 4, cells, channels=1))
        found = self.json("segment", picture, "-m", self.write("i.tflite", identity("uint8", [1, 4, 4, 1])), "--labels",
                          self.write("l.txt", b"background\na\nb\ncat\n"), "-o", self.folder / "out.png")
        self.assertEqual(found, {"classes": [{"index": 0, "label": "background", "pixels": 11}, {"index": 3, "label": "cat", "pixels": 5}]})
        scores = self.constants(([1, 1, 2, 3], [0, 9, 1, float("nan"), -1, -2]))
        classes = self.json("segment", picture, "-m", scores)["classes"]
        self.assertEqual({c["index"]: c["pixels"] for c in classes}, {1: 8, 0: 8})

    def test_kinds_of_pictures(self):
        path, rng = self.write("i.tflite", identity("uint8", [1, 3, 5, 3])), random.Random(1)
        values = [rng.randrange(256) for _ in range(60)]
        rgb = [values[i * 4 + c] for i in range(15) for c in range(3)]
        gray = [values[i * 4] for i in range(15) for c in range(3)]
        palette = b"".join(bytes([i, 255 - i, i // 2, 0]) for i in range(256))
        bmp = lambda depth, height, body, extra=b"": b"BM" + struct.pack("<IIIIiiHHIIiiII", 54 + len(extra) + len(body), 0, 54 + len(extra), 40, 5,
                                                                         height, 1, depth, 0, len(body), 0, 0, 0, 0) + extra + body
        rows = [b"".join(bytes(reversed(rgb[(y * 5 + x) * 3:(y * 5 + x) * 3 + 3])) for x in range(5)) + b"\0" for y in range(3)]
        indexed = b"".join(bytes(range(y * 5, y * 5 + 5)) + bytes(3) for y in range(3))
        for data, expected in [
            (png(5, 3, rgb), rgb), (png(5, 3, values, channels=4), rgb),
            (png(5, 3, values[::4], channels=1), gray), (png(5, 3, [v for g in values[::4] for v in (g, 7)], channels=2), gray),
            (bmp(24, 3, b"".join(reversed(rows))), rgb), (bmp(24, -3, b"".join(rows)), rgb),
            (bmp(8, -3, indexed, palette), [v for i in range(15) for v in (i // 2, 255 - i, i)]),
        ]:
            self.assertEqual(self.fed(self.write("p", data), path), ("uint8", (1, 3, 5, 3), expected))
        turned = ROOT / "fuzz/corpus/picture/turned.jpg"  # 16 by 8 and to be turned clockwise: dark on top once upright
        values = self.fed(turned, self.write("j.tflite", identity("uint8", [1, 16, 8, 3])))[2]
        self.assertLess(sum(values[:8 * 8 * 3]) / (8 * 8 * 3), 90)
        self.assertGreater(sum(values[8 * 8 * 3:]) / (8 * 8 * 3), 160)


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def half_away(x):
    return math.floor(abs(x) + 0.5) * (1 if x >= 0 else -1)


def resampled(rows, target, kind, antialias):
    """docs/metadata.md, along the second axis of a list of rows of numbers."""
    n = len(rows[0])
    if n == target:
        return rows
    step = n / target
    span = max(step, 1) if antialias else 1
    out = [[] for _ in rows]
    for j in range(target):
        weights = []
        for i in range(n):
            d = abs(i + 0.5 - (j + 0.5) * step)
            x = d / span
            cubic = 1.5 * x ** 3 - 2.5 * x * x + 1 if x < 1 else -0.5 * (x ** 3 - 5 * x * x + 8 * x - 4) if x < 2 else 0
            weights.append({"bilinear": max(0, 1 - x), "bicubic": cubic, "area": min(max((span + 1) / 2 - d, 0), 1)}[kind])
        whole = [half_away(w / sum(weights) * 2 ** 22) for w in weights]
        for row, to in zip(rows, out):
            to.append(min(max((sum(w * v for w, v in zip(whole, row)) + 2 ** 21) >> 22, 0), 255))
    return out


def prepared(rgb, width, height, shape, rules):
    """The pixel values a model is fed: [height][width][channel] flattened."""
    _, out_height, out_width, channels = shape
    planes = [[rgb[(y * width + x) * 3 + c] for x in range(width)] for y in range(height) for c in range(3)]
    planes = [planes[c::3] for c in range(3)]
    if channels == 1:
        planes = [[[(19595 * r + 38470 * g + 7471 * b + 32768) >> 16 for r, g, b in zip(*rows)] for rows in zip(*planes)]]
    if rules.get("fit", "square") == "square":
        side = max(1, math.floor(min(width, height) * rules.get("crop", 1.0) + 0.5))
        left, top = (width - side) // 2, (height - side) // 2
        planes = [[row[left:left + side] for row in plane[top:top + side]] for plane in planes]
    kind, antialias = rules.get("resample", "bilinear"), rules.get("antialias", True)
    for c, plane in enumerate(planes):
        across = resampled(plane, out_width, kind, antialias)
        planes[c] = list(zip(*resampled([list(column) for column in zip(*across)], out_height, kind, antialias)))
    flat = [planes[c][y][x] for y in range(out_height) for x in range(out_width) for c in range(channels)]
    return [255 - v for v in flat] if rules.get("invert") else flat


class Preparation(Case):
    def test_every_step(self):
        rng = random.Random(5)
        for number, (width, height, shape, rules) in enumerate([
            (9, 7, [1, 4, 5, 3], {}), (9, 7, [1, 4, 5, 3], {"fit": "stretch"}), (13, 8, [1, 5, 3, 1], {"crop": 0.875, "resample": "bicubic"}),
            (12, 8, [1, 4, 4, 3], {"resample": "area", "fit": "stretch"}), (5, 4, [1, 9, 8, 3], {"resample": "area"}),
            (11, 11, [1, 4, 4, 1], {"resample": "bicubic", "antialias": False, "invert": True}), (6, 9, [1, 6, 6, 3], {"crop": 0.5}),
            (8, 8, [1, 8, 8, 3], {"channels": "rgb"}), (8, 9, [1, 3, 3, 1], {"channels": "gray", "resample": "area", "antialias": False}),
        ]):
            rgb = [rng.randrange(256) for _ in range(width * height * 3)]
            picture = self.write("p.png", png(width, height, rgb))
            pixels = prepared(rgb, width, height, shape, rules)
            metadata = {"TULLE_PREPARE": json.dumps(rules).encode()}
            with self.subTest(number):
                raw = self.write("m.tflite", identity("uint8", shape, metadata=metadata, scale=1.0, zero=0))
                self.assertEqual(self.fed(picture, raw)[2], pixels)
                # The same through options, where there are any.
                if not {"antialias", "invert"} & set(rules):
                    options = ["--fit", rules.get("fit", "square")] + [f"--{k}={rules[k]}" for k in ("crop", "resample") if k in rules]
                    self.assertEqual(self.fed(picture, self.write("m.tflite", identity("uint8", shape)), *options)[2], pixels)

    def test_normalisation(self):
        values = [0, 1, 2, 100, 128, 254, 255, 77, 33, 3, 200, 99]
        picture = self.write("p.png", png(2, 2, values))
        mean, std = [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]
        metadata = {"TULLE_PREPARE": json.dumps({"mean": mean, "std": std}).encode()}
        real = [f32(f32(v - f32(mean[i % 3])) / f32(std[i % 3])) for i, v in enumerate(values)]
        shape = [1, 2, 2, 3]
        self.assertEqual(self.fed(picture, self.write("m.tflite", identity("float32", shape, metadata=metadata)))[2], real)
        for dtype, low, high, scale, zero in (("int8", -128, 127, 0.02, 5), ("uint8", 0, 255, 0.01, 128)):
            path = self.write("m.tflite", identity(dtype, shape, metadata=metadata, scale=scale, zero=zero))
            codes = [min(max(half_away(f32(r / f32(scale))) + zero, low), high) for r in real]
            self.assertEqual(self.fed(picture, path)[2], codes)
            # Options win over metadata; one number stands for all channels.
            whole = self.fed(picture, path, "--mean", "0", "--std", "255")[2]
            self.assertEqual(whole, [min(max(half_away(f32(f32(v / 255) / f32(scale))) + zero, low), high) for v in values])

    def test_without_metadata(self):
        values = [0, 1, 2, 100, 128, 254, 255, 77, 33, 3, 200, 99]
        picture = self.write("p.png", png(2, 2, values))
        for dtype, expected in (("uint8", values), ("int8", [v - 128 for v in values]), ("float32", [f32(f32(v - 127.5) / 127.5) for v in values])):
            path = self.write("m.tflite", identity(dtype, [1, 2, 2, 3]))
            self.assertEqual(self.fed(picture, path)[2], expected)
        raw = [v - 256 if v > 127 else v for v in values]
        self.assertEqual(self.fed(picture, self.write("m.tflite", identity("int8", [1, 2, 2, 3])), "--raw")[2], raw)
        self.fails(3, "segment", picture, "-m", self.write("m.tflite", identity("float32", [1, 2, 2, 3])), "--raw", says="--raw")
        self.fails(3, "segment", picture, "-m", self.write("m.tflite", identity("int8", [1, 2, 2, 3])), "--mean", "1", says="scale")

    def test_bad_metadata_is_3(self):
        picture = self.write("p.png", png(2, 2, [0] * 12))
        for bad in (b"", b"[]", b"{", b'{"labels": "cat"}', b'{"labels": [1]}', b'{"mean": 1}', b'{"mean": []}', b'{"mean": [1, 2]}', b'{"std": [0]}',
                    b'{"mean": [1e999]}', b'{"crop": 0}', b'{"crop": 1.5}', b'{"fit": "tight"}', b'{"resample": "nearest"}', b'{"resample": "lanczos"}',
                    b'{"antialias": 1}', b'{"invert": null}', b'{"channels": "gray"}', b'{"channels": "bgr"}', b'{"menn": [1]}'):
            if bad:
                self.fails(3, "segment", picture, "-m", self.write("m.tflite", identity("float32", [1, 2, 2, 3], metadata={"TULLE_PREPARE": bad})), says="m.tflite")

    def test_tflite_metadata(self):
        """Labels in an archive behind the model, normalisation in a FlatBuffer of its own."""
        def described(files, mean, std):
            tensors = [{4: [{0: 1, 1: {0: Ints("f", mean), 1: Ints("f", std)}}]}, {6: [{0: name, 2: 2, 3: locale} for name, locale in files]}]
            return flatbuffer({3: [{2: tensors[:1], 3: tensors[1:]}]}, b"M001")
        picture = self.write("p.png", png(2, 2, [10] * 12))
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            for dtype, expected in (("float32", f32((10 - 4) / 2)), ("uint8", 10)):
                inner = model([tensor(dtype, [1, 2, 2, 3]), tensor("float32", [1, 2], "y", struct.pack("<2f", 0.25, 0.75))], [0], [1],
                              {"TFLITE_METADATA": described([("de.txt", "de"), ("en.txt", "en")], [4.0], [2.0])})
                archive = io.BytesIO()
                with zipfile.ZipFile(archive, "w", method) as z:
                    z.writestr("de.txt", "Hund\nKatze\n")
                    z.writestr("en.txt", "dog\ncat\n")
                path = self.write("m.tflite", inner + archive.getvalue())
                top = self.json("classify", picture, "-m", path, "--dump-input", self.folder / "fed.npy")["images"][0]["top"]
                self.assertEqual([e["label"] for e in top], ["cat", "dog"])
                self.assertEqual(set(read_npy((self.folder / "fed.npy").read_bytes())[2]), {expected})
                cut = self.write("m.tflite", (inner + archive.getvalue())[:-30])
                self.assertEqual(self.json("classify", picture, "-m", cut)["images"][0]["top"][0]["label"], "1")


class Facts(Case):
    def test_inspect(self):
        found = self.json("inspect", INT8)
        for key in ("inputs", "outputs", "signatures", "ops", "macs", "weights_bytes", "arena_bytes", "arena_lower_bound_bytes"):
            self.assertIn(key, found)
        for port in found["inputs"] + found["outputs"]:
            self.assertEqual(list(port)[:3] + list(port)[-2:], ["name", "dtype", "shape", "scale", "zero_point"])
        self.assertEqual((found["inputs"][0]["dtype"], found["inputs"][0]["zero_point"]), ("int8", -128))
        self.assertAlmostEqual(found["inputs"][0]["scale"], 1 / 255, places=7)
        self.assertGreaterEqual(found["arena_bytes"], found["arena_lower_bound_bytes"])
        self.assertGreater(found["ops"]["CONV_2D"], 0)
        self.assertTrue(0 < found["weights_bytes"] < INT8.stat().st_size)
        self.assertGreater(found["macs"], 1000)
        self.assertEqual(self.json("inspect", FLOAT32)["macs"], found["macs"])
        path = self.write("s.tflite", model([tensor("int8", [1], "t0")], [0], [0], signature=("serve", {"x": 0}, {"y": 0})))
        found = self.json("inspect", path)
        self.assertEqual((found["inputs"][0]["name"], found["inputs"][0]["scale"]), ("t0", 0))
        self.assertEqual([(s["key"], s["inputs"][0]["name"], s["outputs"][0]["name"]) for s in found["signatures"]], [("serve", "x", "y")])
        self.assertIn("CONV_2D", self.ok("inspect", INT8))
        self.assertIn("CONV_2D", self.ok("inspect", INT8, "--text"))
        self.assertGreater(len(self.ok("inspect", INT8, "--text", "--weights")), len(self.ok("inspect", INT8, "--text")))

    def test_html(self):
        path = self.write("s.tflite", identity("int8", [1], name="</script><script>alert(1)"))
        for source in (INT8, path):
            self.ok("inspect", source, "--html", self.folder / "page.html")
            page = (self.folder / "page.html").read_text()
            for outside in ("http:", "https:", "src=", "@import", "url("):
                self.assertNotIn(outside, page)
            self.assertEqual(page.count("<script>"), 1)
            self.assertIn("<svg", page)

    def test_compare(self):
        same = self.json("compare", INT8, INT8, "--per-node")
        self.assertTrue(same["equal"])
        self.assertEqual((same["outputs"][0]["max"], same["outputs"][0]["mean"]), (0, 0))
        self.assertNotIn("first_difference", same)
        other = self.json("compare", FLOAT32, INT8, "--per-node")
        self.assertFalse(other["equal"])
        self.assertTrue(0 < other["outputs"][0]["mean"] <= other["outputs"][0]["max"] < 0.1, other["outputs"])
        self.assertIn("op", other["first_difference"])
        self.assertIn("equal", self.ok("compare", INT8, INT8))
        a, b = (self.write(f"{n}.tflite", identity("float32", [1, n])) for n in (1, 2))
        self.assertTrue(self.json("compare", a, b)["equal"], "an input is resized where the other model allows it")
        self.fails(3, "compare", INT8, self.write("m.tflite", model([tensor("int8", [1]), tensor("int8", [1])], [0, 1], [0])), says="inputs")

    def test_bench(self):
        found = self.json("bench", INT8, "--runs", 12)
        self.assertEqual(list(found), ["load_ms", "prepare_ms", "first_ms", "p50_ms", "p90_ms", "p99_ms", "min_ms", "runs", "threads", "isa", "peak_rss_bytes"])
        self.assertEqual((found["runs"], found["threads"]), (12, 1))
        self.assertTrue(0 < found["min_ms"] <= found["p50_ms"] <= found["p90_ms"] <= found["p99_ms"])
        self.assertGreater(found["peak_rss_bytes"], 1_000_000)
        self.assertTrue(found["isa"])
        self.assertIn("p50", self.ok("bench", INT8, "--runs", 3))
        self.assertGreater(len(self.json("bench", INT8, "--runs", 3, "--profile")["nodes"]), 3)

    def test_ops(self):
        found = self.json("ops")
        self.assertEqual(len(found["ops"]), found["builtins"] + found["customs"])
        conv = next(op for op in found["ops"] if op["name"] == "CONV_2D")
        self.assertTrue(conv["types"] and conv["version"] > 0)
        self.assertIn("CONV_2D", self.ok("ops"))


class Decoration(Case):
    def at_terminal(self, *args, until=None, **environment):
        """What appears on a terminal that is standard output and error; stops the command once `until` has appeared."""
        leader, follower = pty.openpty()
        process = subprocess.Popen([TULLE, *map(str, args)], stdout=follower, stderr=follower, env={**os.environ, "NO_COLOR": "", **environment})
        os.close(follower)
        seen = b""
        try:
            while until is None or until not in seen:
                data = os.read(leader, 4096)
                if not data:
                    break
                seen += data
        except OSError:
            pass  # the other end is closed
        finally:
            process.kill()
            process.wait()
            os.close(leader)
        return seen.decode()

    def test_pipe_and_no_color(self):
        command = ["classify", DIGITS / "images/3.png", "-m", INT8]
        self.assertIn("█", self.at_terminal(*command))
        for plain in (self.at_terminal(*command, NO_COLOR="1"), self.ok(*command)):
            self.assertNotIn("█", plain)
            self.assertNotIn("\x1b", plain)
            self.assertIn("###", plain)

    def test_progress(self):
        long = ["bench", INT8, "--runs", 1_000_000]
        self.assertIn("/1000000", self.at_terminal(*long, until=b"/1000000"))
        self.assertNotIn("\x1b", self.at_terminal("bench", INT8, "--runs", 5))


@unittest.skipUnless(SHARED.is_dir(), f"{SHARED} is absent: real models are not tried (TULLE_SHARED names another place)")
class Real(Case):
    def top(self, picture, path, *options):
        image = self.json("classify", SHARED / "images" / picture, "-m", SHARED / "models" / path, *options)["images"][0]
        return [(e["index"], e["label"], e["score"]) for e in image["top"]]

    def test_cat(self):
        labels = ("--labels", SHARED / "models/imagenet_labels.txt")
        self.assertIn("cat", self.top("cat.bmp", "mobilenet_v2_1.0_224_quant.tflite", *labels)[0][1])
        self.assertIn("cat", self.top("cat.bmp", "mobilenet_v2_1.0_224_quant.tflite")[0][1], "labels out of the file's own archive")

    def test_duck(self):
        best = self.top("mandarin_duck.jpg", "aiy_vision_classifier_birds_V1_3.tflite", "--resample", "bicubic")[0]
        self.assertEqual(best[:2], (166, "Aix galericulata"))
        self.assertAlmostEqual(best[2], 198 / 256, delta=0.02)

    def test_person(self):
        found = [self.top(p, "person_detect.tflite", "--raw")[0] for p in ("person.bmp", "no_person.bmp")]
        self.assertEqual([f[0] for f in found], [1, 0])

    def test_pose(self):
        points = self.json("pose", SHARED / "images/squat.bmp", "-m", SHARED / "models/movenet_single_pose_lightning_ptq.tflite",
                           "--resample", "bicubic")["points"]
        rows = [line.split(",") for line in (SHARED / "models/movenet_single_pose_lightning_ptq_reference.csv").read_text().split()[1:]]
        off = [abs(p["x"] / 500 - float(r[4])) + abs(p["y"] / 610 - float(r[5])) for p, r in zip(points, rows, strict=True)]
        self.assertLess(max(off), 0.05)
        self.assertLess(sum(off) / len(off), 0.02)

    def test_segment(self):
        classes = self.json("segment", SHARED / "images/bird_segmentation.bmp", "-m", SHARED / "models/deeplabv3_mnv2_dm05_pascal_quant.tflite",
                            "--labels", SHARED / "models/pascal_voc_segmentation_labels.txt")["classes"]
        self.assertEqual([c["label"] for c in classes[:2]], ["background", "bird"])

    def test_detect(self):
        boxes = self.json("detect", SHARED / "images/ssd_example.jpg", "-m", SHARED / "models/ssd_mobilenet_v1_detect.tflite",
                          "--labels", SHARED / "models/ssd_labelmap.txt")["boxes"]
        self.assertEqual({b["label"] for b in boxes}, {"person", "laptop"})


if __name__ == "__main__":
    unittest.main()
