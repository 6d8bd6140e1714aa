#!/usr/bin/env python3
"""Components under `tulle wasm run`: wasi:nn with typed tensors, and the limits of WASI 0.2: cli_wasm_component_test.py TULLE.
Exits 77 where tests/components/build was not run."""
import json
import os
import struct
import subprocess
import sys
import unittest

from cli_case import DIGITS, FLOAT32, INT8, ROOT, TULLE
from tiny_files import model, npy, read_npy, tensor
from wasm_guests import GUESTS, MIB, TINY_MODELS, TRAP, Guests, grant

COMPONENTS = "component_models", "component_hostile"
FP16, FP32, FP64, BF16, U8, I32, I64 = range(7)
NUMBERS = {"float32": (FP32, "f"), "float64": (FP64, "d"), "uint8": (U8, "B"), "int32": (I32, "i"), "int64": (I64, "q"), "int8": (U8, "b"), "int16": (U8, "h"), "bool": (U8, "?")}
# What each input of types.tulle is given and each output must be.
TYPES = [("f16", FP16, "<2e", (1, -2), FP16, "<2e", (-1, 2)), ("f32", FP32, "<2f", (1.5, -2), FP32, "<2f", (-1.5, 2)), ("f64", FP64, "<2d", (0.5, 3), FP32, "<2f", (0.5, 3)),
         ("bf16", BF16, "<2H", (0x3F80, 0xC000), BF16, "<2H", (0xBF80, 0x4000)), ("u8", U8, "<2B", (7, 255), FP64, "<2d", (7, 255)), ("i32", I32, "<2i", (1, -70000), I32, "<2i", (-1, 70000)),
         ("i64", I64, "<2q", (1, -1 << 40), I64, "<2q", (-1, 1 << 40)), ("i8", U8, "<2b", (1, -7), U8, "<2b", (-1, 7)), ("i16", U8, "<2h", (1, -700), U8, "<2h", (-1, 700)),
         ("bool", U8, "<2?", (True, False), U8, "<2?", (False, True))]


def shape_text(shape):
    return "x".join(map(str, shape))


class Components(Guests):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        texts = sorted((ROOT / "tests/components/models").glob("*.tulle"))
        subprocess.run([TINY_MODELS, *texts, cls.home], check=True)
        for component in COMPONENTS:  # so that none is compiled while a clock runs
            cls.run_guest(component)

    def setUp(self):
        super().setUp()
        self.dir = "--dir", f"{self.folder}::/in:ro"

    def input(self, name, kind, shape, data):
        """Four words that name an input of these bytes."""
        path = self.write(f"{len(list(self.folder.iterdir()))}.bin", data)
        return name, kind, shape_text(shape), f"/in/{path.name}"

    def lines(self, *words, flags=()):
        return self.says("component_models", *words, flags=[*self.dir, *flags]).splitlines()

    def outputs_of(self, lines):
        """[(name, type, shape, bytes)]"""
        outputs = []
        for line in lines:
            name, kind, shape, data = line.rsplit(" ", 3)
            outputs.append((name, int(kind), [int(dim) for dim in shape.split("x") if dim], bytes.fromhex(data)))
        return outputs

    def error(self, code, *says, words, flags=()):
        lines = self.lines(*words, flags=flags)
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith(f"error {code}: "), lines)
        for word in says:
            self.assertIn(word, lines[0])

    def trapped(self, done, *says):
        self.assertEqual(done.code, TRAP, done)
        self.named(done, "trap", *says)


class Inference(Components):
    def native(self, path, array):
        out = self.folder / "out"
        self.ok("run", path, "--input", f"0={array}", "-o", out)
        entries, values = super().outputs(out)
        return [(entry["name"], NUMBERS[dtype][0], list(shape), struct.pack(f"<{len(data)}{NUMBERS[dtype][1]}", *data)) for entry, (dtype, shape, data) in zip(entries, values)]

    def both_ways(self, path, name, array):
        """What a component gets by the model's name and by its bytes is what the command computes."""
        dtype, shape, values = read_npy(array.read_bytes())
        kind, letter = NUMBERS[dtype]
        given = self.input(name, kind, shape, struct.pack(f"<{len(values)}{letter}", *values))
        wanted = self.native(path, array)
        self.assertEqual(self.outputs_of(self.lines("run", "m", *given, flags=["--model", f"m={path}"])), wanted)
        copy = self.write("model.tflite", path.read_bytes())
        for encoding in 4, 6:
            self.assertEqual(self.outputs_of(self.lines("load", f"/in/{copy.name}", encoding, 0, 1, *given)), wanted)

    def test_digits(self):
        for path in INT8, FLOAT32:
            for picture in sorted((DIGITS / "images").glob("*.png"))[:4]:
                with self.subTest(model=path.name, picture=picture.name):
                    array = self.folder / "in.npy"
                    self.ok("classify", picture, "-m", path, "--dump-input", array)
                    self.both_ways(path, "picture", array)

    def test_networks(self):
        for name, count in (("sum", 25), ("max", 25), ("average", 25), ("quantized", 25), ("mult_dimension", 9), ("mult_outputs", 16)):
            with self.subTest(name):
                side = int(count ** 0.5)
                array = self.write("in.npy", npy("uint8" if name == "quantized" else "float32", [1, side, side, 1], range(count)))
                self.both_ways(self.home / f"{name}.tflite", "x", array)

    def test_types(self):
        """Every type comes and goes as what it is, those without a number as bytes."""
        given = {name: self.input(name, kind, [2], struct.pack(form, *values)) for name, kind, form, values, *_ in TYPES}
        run = "run", "types"
        found = self.outputs_of(self.lines(*run, *(word for words in given.values() for word in words), flags=self.models("types")))
        self.assertEqual([one[1:] for one in found], [(kind, [2], struct.pack(form, *values)) for *_, kind, form, values in TYPES])
        for name, kind, *_ in TYPES:
            for other in set(range(7)) - {kind}:
                words = [*run, given[name][0], other, *given[name][2:]]
                self.error("invalid-argument", f'"{name}"', words=words, flags=self.models("types"))

    def test_free_dimensions(self):
        """Outputs have the shape that inputs and values give them."""
        flags = self.models("rows")
        for rows in ([], [[1, 0, 2]], [[1, 2, 3], [0, 0, 5], [0, 0, 0]]):
            places = [place for r, row in enumerate(rows) for c, value in enumerate(row) if value for place in (r, c)]
            wanted = [("sums", FP32, [len(rows)], struct.pack(f"<{len(rows)}f", *map(sum, rows))), ("places", I64, [len(places) // 2, 2], struct.pack(f"<{len(places)}q", *places))]
            data = struct.pack(f"<{3 * len(rows)}f", *sum(rows, []))
            for name in "rows", "x", "x:0", "0":
                self.assertEqual(self.outputs_of(self.lines("run", "rows", *self.input(name, FP32, [len(rows), 3], data), flags=flags)), wanted)
        for name in "y", "1", "":
            self.error("not-found", '"rows"', words=["run", "rows", *self.input(name, FP32, [1, 3], bytes(12))], flags=flags)
        for shape, size in (([1, 4], 16), ([3], 12), ([1, 3, 1], 12), ([], 4), ([1, 3], 8), ([1, 3], 0), ([400000000, 3], 12), ([4294967295, 3], 12)):
            with self.subTest(shape=shape):
                self.error("invalid-argument", words=["run", "rows", *self.input("x", FP32, shape, bytes(size))], flags=flags)

    def test_round_trip(self):
        self.assertEqual(self.lines("round_trip"), [])

    def test_lives(self):
        """Contexts apart, inputs that stay, a graph that goes before its contexts, and one more after all of it."""
        given = self.input("x", FP32, [1, 5, 5, 1], struct.pack("<25f", *range(25)))
        lines = self.lines("lives", "sum", *given, flags=self.models("sum"))
        answer = f"y {FP32} 1x1x1x1 {struct.pack('<f', 300).hex()}"
        unset, gone = 'error invalid-argument: input 0 "x" is not set', "error invalid-argument: the graph of the context is unloaded"
        self.assertEqual(lines, [unset, answer, answer, answer, gone, gone, answer])

    def test_errors(self):
        good, bad = self.write("good.tflite", INT8.read_bytes()), self.write("bad.tflite", b"no model at all, but some bytes")
        cut = self.write("cut.tflite", INT8.read_bytes()[:2000])
        for name in "sum", "", "../sum", "/in/good.tflite", "x" * 1000:
            self.error("not-found", "no model", words=["run", name])
        for file, encoding, target, parts, code, says in ((good, 0, 0, 1, "invalid-encoding", ""), (good, 1, 0, 1, "unsupported-operation", "ONNX"), (good, 2, 0, 1, "unsupported-operation", "TensorFlow"),
                                                          (good, 3, 0, 1, "invalid-encoding", ""), (good, 5, 0, 1, "invalid-encoding", "GGML"), (bad, 4, 0, 1, "invalid-argument", ""),
                                                          (cut, 4, 0, 1, "invalid-argument", ""), (bad, 6, 0, 1, "invalid-encoding", ""), (good, 4, 1, 1, "unsupported-operation", "CPU"),
                                                          (good, 4, 2, 1, "unsupported-operation", "CPU"), (good, 4, 0, 0, "invalid-argument", ""), (good, 4, 0, 2, "invalid-argument", ""),
                                                          (good, 6, 0, 0, "invalid-encoding", "")):
            with self.subTest(file=file.name, encoding=encoding, target=target, parts=parts):
                self.error(code, says, words=["load", f"/in/{file.name}", encoding, target, parts])

    def test_what_is_no_handle(self):
        """Handles that are not there, numbers that mean nothing and addresses outside memory end the guest, not the host."""
        for which in range(10):
            with self.subTest(which=which):
                self.trapped(self.run_guest("component_models", "stranger", which))
        moved = self.input("x", U8, [1], b"0")
        self.trapped(self.run_guest("component_models", "moved", "sum", *moved, flags=[*self.dir, *self.models("sum")]), "handle")

    def test_statistics(self):
        given = self.input("x", FP32, [1, 5, 5, 1], bytes(100))
        stats = self.run_guest("component_models", "lives", "sum", *given, flags=[*self.dir, *self.models("sum"), "--stats"]).stats
        self.assertEqual(stats["executions"], 4)


class Hoards(Components):
    """What a component holds of the host's."""
    def most_memory(self, *words, flags=()):
        """Bytes that the command had at most."""
        done = subprocess.Popen([TULLE, "wasm", "run", GUESTS / "component_models.wasm", *self.dir, *flags, "--", *map(str, words)], stderr=subprocess.DEVNULL, env={**os.environ, "TULLE_CACHE": str(self.cache)})
        _, status, used = os.wait4(done.pid, 0)
        done.returncode = os.waitstatus_to_exitcode(status)
        return done.returncode, used.ru_maxrss * 1024

    def test_dropped(self):
        """Memory stays what it is however often everything is made and dropped."""
        given = self.input("x", FP32, [1, 5, 5, 1], bytes(100))
        flags = *self.models("sum"), "--timeout", "100", "--graphs", "2", "--contexts", "2"
        (first, before), (second, after) = (self.most_memory("churn", count, "sum", *given, flags=flags) for count in (1000, 100000))
        self.assertEqual((first, second), (0, 0))
        self.assertLess(after, before + 4 * MIB)

    def test_kept(self):
        names = [f"{'x' * 70}{i}" for i in range(2000)]
        wordy = self.write("wordy.tflite", model([tensor("float32", [1], name) for name in names], list(range(len(names))), [0]))
        for deed, limit in (("tensors", "memory"), ("dimensions", "memory"), ("long_errors", "memory"), ("small_tensors", "handles"), ("errors", "handles"), ("graphs", "handles"), ("contexts", "handles")):
            with self.subTest(deed):
                target = "wordy" if deed == "long_errors" else "sum"
                flags = "--memory", "64", "--timeout", "20", *self.models("sum"), "--model", f"wordy={wordy}"
                self.limited(self.run_guest("component_models", deed, 1000000, target, flags=flags), limit)
                _, most = self.most_memory(deed, 1000000, target, flags=flags)
                self.assertLess(most, 160 * MIB)
                if limit == "memory":
                    self.says("component_models", deed, 40, target, flags=flags)

    def test_passed_at_once(self):
        """One call with more bytes than memory holds, each of them many times."""
        flags = "--memory", "64"
        self.trapped(self.run_guest("component_models", "overlap", 10000, flags=flags), "too much data")
        self.assertLess(self.most_memory("overlap", 10000, flags=flags)[1], 160 * MIB)
        self.error("invalid-encoding", words=["overlap", 40], flags=flags)

    def test_most_graphs_and_contexts(self):
        for deed, flag in (("graphs", "--graphs"), ("contexts", "--contexts")):
            flags = [flag, "32", *self.models("sum")]
            self.says("component_models", deed, 32, "sum", flags=flags)
            self.limited(self.run_guest("component_models", deed, 33, "sum", flags=flags), "handles")

    def test_time(self):
        for name, shape in (("sum", [1, 5, 5, 1]), ("forever", [1]), ("heavy", [1]), ("folded", [1])):
            with self.subTest(name):
                given = self.input("x", FP32, shape, bytes(100 if name == "sum" else 4))
                self.limited(self.run_guest("component_models", "compute", name, *given, flags=["--timeout", "1", *self.dir, *self.models(name)]), "time", 1)


class Ends(Components):
    def hostile(self, *words, flags=(), **more):
        return self.run_guest("component_hostile", *words, flags=flags, **more)

    def well(self, *words, flags=()):
        self.assertEqual(self.says("component_hostile", *words, flags=flags), "")

    def test_exit_codes(self):
        """C's exit and what main answers know well and not well alone; since WASI 0.2.12 there are all codes."""
        for component, deed, codes in (("hostile", "exit", {0: 0, 1: 1, 3: 1, 255: 1}), ("hostile", "answer", {0: 0, 1: 1, 3: 1, 255: 1}), ("models", "exit", {code: code for code in (0, 1, 3, 4, 5, 77, 255)})):
            for code, told in codes.items():
                done = self.run_guest(f"component_{component}", deed, code)
                self.assertEqual((done.code, done.out, done.err), (told, b"", b""), done)

    def test_traps(self):
        done = self.hostile("trap")
        self.trapped(done, "component_hostile.wasm", "unreachable")
        self.assertRegex(done.err.decode().split("\n", 1)[1], r"\btrap\b", done)
        self.trapped(self.hostile("random", 1 << 40), "len")
        box = self.box("big")
        self.trapped(self.hostile("orphan", flags=grant(box)), "children")

    def test_time(self):
        read, write = os.pipe()  # of which nothing ever comes
        self.addCleanup(os.close, write)
        self.addCleanup(os.close, read)
        box = self.box()
        os.mkfifo(box / "fifo")
        for words in "loop", "sleep", "read", "cat /box/fifo":
            with self.subTest(words):
                done = self.hostile(*words.split(), stdin=read, flags=["--timeout", "1", *grant(box)])
                self.limited(done, "time", 1)
                self.assertGreater(done.seconds, 1, done)

    def test_memory_stack_output(self):
        self.limited(self.hostile("grow", flags=["--memory", "16"]), "memory")
        self.limited(self.hostile("recurse"), "stack")
        for stream in 1, 2:
            done = self.hostile("flood", stream, flags=["--output", "1", "--disk", "0"])
            self.limited(done, "output")
            self.assertTrue(MIB - 65536 <= (done.out, done.err)[stream - 1].count(b"x" * 1000) * 1000 <= MIB, done)

    def test_files(self):
        for deed in "files", "folders", "symlinks", "links":
            with self.subTest(deed):
                box = self.box()
                self.limited(self.hostile(deed, "/box", 10000, flags=["--files", "50", *grant(box)]), "files")
                self.assertEqual(len(list(box.iterdir())), 50)
                self.well(deed, "/box", 50, flags=["--files", "50", *grant(self.box())])
        self.well("same_again", "/box", 1000, flags=["--files", "50", *grant(self.box())])

    def test_disk(self):
        """What is written counts, by whichever way, and no more than it may be lies there."""
        for words in ("disk /box", "rewrite /box", "pwrite /box", "append /box", "truncate /box", "at_once zeroes", "at_once write", "splice"):
            with self.subTest(words):
                box = self.box()
                (box / "big").write_bytes(bytes(65536))
                self.limited(self.hostile(*words.split(), flags=["--disk", "2", *grant(box)]), "disk")
                made = sum(path.stat().st_blocks * 512 for path in box.iterdir() if path.name != "big")
                self.assertLessEqual(made, 2 * MIB + 65536)
                if words in ("disk /box", "append /box"):
                    self.assertEqual(made, 2 * MIB)
        box = self.box()
        self.hostile("at_once", "write", flags=["--disk", "2", *grant(box)])
        self.assertEqual([path.stat().st_size for path in box.iterdir()], [0])

    def test_descriptors(self):
        """What keeps a file open counts; four are there from the start."""
        def flags():
            box = self.box()
            (box / "big").write_bytes(bytes(65536))
            return "--descriptors", "32", *grant(box)

        for words, most in (("descriptors /box {}", 28), ("listings {}", 28), ("preopens {}", 28), ("readers {}", 27), ("streams {} read", 27), ("streams {} write", 27), ("streams {} append", 27)):
            with self.subTest(words):
                self.well(*words.format(most).split(), flags=flags())
                for count in most + 1, 1000:
                    self.limited(self.hostile(*words.format(count).split(), flags=flags()), "descriptors")
        self.well("opened_and_dropped", 1000, flags=flags())
        self.well("reopen", "/box", 1000, flags=flags())
        self.limited(self.hostile("pollables", 1000000, flags=flags()), "handles")

    def test_nothing_by_default(self):
        self.assertEqual(self.says("component_hostile", "given", "/etc/passwd", "plain", "/", ".", ".."), "0 folders\n")
        self.assertEqual(self.says("component_hostile", "given", flags=["--env", "A=1"]), "0 folders\nA=1\n")
        self.well("sockets", 3)

    def test_folders(self):
        box = self.box("plain")
        self.assertEqual(self.says("component_hostile", "cat", "/box/plain", flags=grant(box, ":ro")), "this is plain")
        self.assertEqual(self.says("component_hostile", "given", "/box/plain", "/box/../secret", flags=grant(box, ":ro")), "1 folders\n/box/plain\n")
        self.well("change", "/box", flags=grant(box, ":ro"))
        self.assertEqual([(path.name, path.read_text()) for path in box.iterdir()], [("plain", "this is plain")])
        self.assertEqual(self.says("component_hostile", "change", "/box", flags=grant(box)).split(), ["create", "write", "truncate", "rename"])

    def test_bad_components(self):
        good = (GUESTS / "component_models.wasm").read_bytes()
        rows = {"head": good[:8], "cut": good[:len(good) // 2], "flipped": bytes(byte ^ (i == 5000) for i, byte in enumerate(good)), "renamed": good.replace(b"wasi:nn/tensor@0.2.0-rc-2024-10-28", b"wasi:nn/tensor@0.2.0-rc-2020-01-01"),
                "unknown": good.replace(b"wasi:cli/stdout@", b"wasi:cli/stdaut@")}
        for name, data in rows.items():
            with self.subTest(name):
                self.refused(self.run_guest(self.write(f"{name}.wasm", data)), 3, "")

    def test_inspect(self):
        done = self.command("inspect", GUESTS / "component_models.wasm")
        self.assertEqual((done.code, done.err), (0, b""), done)
        for word in "wasi:nn/inference@0.2.0-rc-2024-10-28", "wasi:cli/run@0.2.12":
            self.assertIn(word, done.out.decode())
        json.loads(self.command("inspect", GUESTS / "component_models.wasm", "--json").out)


if __name__ == "__main__":
    if not all((GUESTS / f"{name}.wasm").exists() for name in COMPONENTS):
        sys.exit(77)
    unittest.main()
