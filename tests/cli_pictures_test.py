#!/usr/bin/env python3
"""The contract of docs/cli.md on pictures, and docs/metadata.md step by step: cli_pictures_test.py TULLE."""
import io
import json
import math
import random
import struct
import unittest
import zipfile

from cli_case import DIGITS, FLOAT32, INT8, ROOT, Case
from tiny_files import Ints, flatbuffer, identity, model, png, read_npy, tensor

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


if __name__ == "__main__":
    unittest.main()
