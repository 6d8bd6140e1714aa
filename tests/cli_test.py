#!/usr/bin/env python3
"""The contract of docs/cli.md but for pictures: cli_test.py TULLE."""
import json
import math
import os
import pty
import struct
import subprocess
import unittest

from cli_case import DIGITS, FLOAT32, INT8, TULLE, Case
from tiny_files import identity, model, npy, png, tensor

VERBS = "classify detect segment pose run inspect compare bench ops".split()


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
        self.assertIn(self.json("bench", INT8, "--runs", 1, "--threads", 2)["threads"], (1, 2))


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

if __name__ == "__main__":
    unittest.main()
