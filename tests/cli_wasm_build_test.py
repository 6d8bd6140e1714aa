#!/usr/bin/env python3
"""`tulle wasm-build`: cli_wasm_build_test.py TULLE. Exits 77 where `make wasm` was not run or Node.js is missing.
WASM_CASES: of how many kinds of operands a golden case of each operator goes through a module of its own (default 2, 0: all cases)."""
import gzip
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import unittest
from random import Random

from cli_case import FLOAT32, INT8, ROOT, TULLE, Case
from tiny_files import model, tensor

WASM = pathlib.Path(TULLE).resolve().parent / "wasm"
PARTS = WASM / "tulle.parts.wasm"
SHARED = pathlib.Path(os.environ.get("TULLE_SHARED", ROOT.parent / "shared")) / "models"
CASES = int(os.environ.get("WASM_CASES", "2"))
UNSUPPORTED, RUNTIME = 2, 8


def in_node(runs, relaxed=False):
    """What tests/wasm_modules.mjs says of each run."""
    flags = ["--experimental-wasm-relaxed-simd"] if relaxed else []
    done = subprocess.run(["node", "--no-warnings", *flags, ROOT / "tests/wasm_modules.mjs"], input=json.dumps(runs).encode(),
                          capture_output=True, timeout=1200)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def run(module, path=None, inputs=()):
    return {"module": str(module), "model": path and str(path), "inputs": list(inputs)}


def unsigned(data, at):
    """A LEB128 number and where it ends."""
    value = shift = 0
    while True:
        value, at, shift, more = value | (data[at] & 127) << shift, at + 1, shift + 7, data[at] >> 7
        if not more:
            return value, at


def golden(path):
    """(name, model, inputs) of each case: the first run's, [(dtype, shape, bytes)]."""
    data = gzip.decompress(path.read_bytes())
    at, cases = 12, struct.unpack_from("<I", data, 8)[0]
    for _ in range(cases):
        size, = struct.unpack_from("<I", data, at)
        head, at = json.loads(data[at + 4:at + 4 + size]), at + 4 + size
        bytes_of_model, at = data[at:at + head["model_bytes"]], at + head["model_bytes"]
        for i, one in enumerate(head["runs"]):
            inputs = []
            for entry in one["inputs"]:
                inputs.append((entry["dtype"], entry["shape"], data[at:at + entry["bytes"]]))
                at += entry["bytes"]
            at += sum(entry["bytes"] for entry in one["outputs"])
            if i == 0:
                yield head["name"], bytes_of_model, inputs


class WasmBuild(Case):
    def build(self, path, *options, name="model.wasm"):
        found = self.json("wasm-build", path, "-o", self.folder / name, *options)
        return self.folder / name, found

    def inputs(self, path):
        """A file of bytes for each input of a model, and the same for `tulle run`."""
        fed = []
        ports = self.json("inspect", path)["inputs"]
        for i, port in enumerate(ports):
            shape = port["shape"]
            count = 1
            for dim in shape:
                count *= dim
            size = {"float32": 4, "int32": 4, "int64": 8, "int8": 1, "uint8": 1, "bool": 1}.get(port["dtype"])
            if size is None:
                return None
            values = [(j * 7919 >> 3) % 101 for j in range(count)]
            data = struct.pack(f"<{count}f", *(v / 50 - 1 for v in values)) if port["dtype"] == "float32" else b"".join(v.to_bytes(size, "little") for v in values)
            fed.append({"shape": shape, "file": str(self.write(f"input{i}", data))})
        return fed

    def same(self, path, *options, flags=False, full="tulle.wasm"):
        """The module answers as the engine with everything in it does, to the bit."""
        fed = self.inputs(path)
        if fed is None:
            return
        with_model, _ = self.build(path, *options)
        without, _ = self.build(path, "--no-weights", *options, name="none.wasm")
        wanted, *found = in_node([run(WASM / full, path, fed), run(with_model, None, fed), run(without, path, fed)], flags)
        self.assertEqual(found, [wanted, wanted], path)
        self.assertIn(wanted.get("status"), (0, RUNTIME), path)

    def test_digits(self):
        for path in (INT8, FLOAT32):
            self.same(path)
            self.same(path, "--relaxed", flags=True, full="tulle.relaxed.wasm")

    def test_exports(self):
        promised = {line.split("(")[0].split()[-1].lstrip("*") for line in (ROOT / "include/tulle/tulle.h").read_text().splitlines() if line.startswith("TULLE_API ")}
        for options, more in ((), {"tulle_model_embedded", "tulle_embedded_bytes"}), (("--no-weights",), set()):
            module, _ = self.build(INT8, *options)
            code = "const m=new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));console.log(JSON.stringify([WebAssembly.Module.exports(m).map(e=>e.name),WebAssembly.Module.imports(m).map(e=>e.module)]))"
            exports, imports = json.loads(subprocess.run(["node", "-e", code, module], capture_output=True, check=True).stdout)
            self.assertEqual(set(exports), promised | {"memory", "malloc", "free", "_initialize"} | more)
            self.assertEqual(set(imports), {"wasi_snapshot_preview1"})

    def test_files(self):
        module, found = self.build(INT8)
        self.assertEqual(list(found), ["file", "bytes", "gzip_bytes", "model_bytes"])
        data = module.read_bytes()
        self.assertEqual((found["bytes"], found["model_bytes"]), (len(data), INT8.stat().st_size))
        self.assertIn(INT8.read_bytes(), data)
        self.assertAlmostEqual(found["gzip_bytes"] / len(gzip.compress(data, 9)), 1, delta=0.01)
        again, _ = self.build(INT8, name="again.wasm")
        self.assertEqual(again.read_bytes(), data)
        small, found = self.build(INT8, "--no-weights", "--map", self.folder / "map")
        self.assertEqual(found["model_bytes"], 0)
        self.assertLess(small.stat().st_size, len(data) - INT8.stat().st_size)
        names = (self.folder / "map").read_text()
        self.assertIn("op_conv_2d", names)
        self.assertNotIn("op_while", names)
        self.assertRegex(self.ok("wasm-build", INT8, "-o", module), r"^wrote .*: .* of them the model; .*\n$")

    def test_other_models(self):
        """Operators and types that were left out are unsupported, and what is there still works."""
        module, _ = self.build(INT8, "--no-weights")
        ok, other = in_node([run(module, INT8, self.inputs(INT8)), run(module, FLOAT32)])
        self.assertEqual(ok["status"], 0)
        self.assertEqual(other["status"], UNSUPPORTED)
        self.assertIn("no kernel for", other["message"])
        neg = self.write("neg.tflite", model([tensor("int8", [1], "x"), tensor("int8", [1], "y")], [0], [1], nodes=[(59, 0, [0], [1])]))
        missing, = in_node([run(module, neg)])
        self.assertEqual((missing["status"], "NEG" in missing["message"]), (UNSUPPORTED, True), missing)
        options = self.write("options.tflite", model([tensor("int8", [1], "x"), tensor("int8", [1], "y")], [0], [1], nodes=[(59, 42, [0], [1])]))
        unknown, = in_node([run(module, options)])
        self.assertEqual((unknown["status"], unknown["message"]), (UNSUPPORTED, "graph 0 node 0 NEG: options table 42 is not known"))

    def test_ways(self):
        """Ways that another model's convolutions can go are left out where this one's go no such, and those then go another."""
        def conv(dtype, side):
            size, scale = {"int8": 1, "float32": 4}[dtype], {"int8": 0.01, "float32": None}[dtype]
            weights = bytes((i * 7919 >> 5) % 251 for i in range(32 * side * side * 32))
            if dtype == "float32":
                weights = struct.pack(f"<{len(weights)}f", *(byte / 251 - 0.5 for byte in weights))
            values = [tensor(dtype, [1, 16, 16, 32], "x", scale=scale), tensor(dtype, [32, side, side, 32], "w", weights, scale),
                      tensor({"int8": "int32", "float32": "float32"}[dtype], [32], "b", bytes(32 * 4), scale and scale * scale),
                      tensor(dtype, [1, 16, 16, 32], "y", scale=scale and 1.0)]
            return self.write(f"{dtype}{side}.tflite", model(values, [0], [3], nodes=[(3, 1, [0, 1, 2], [3], {1: 1, 2: 1})]))

        for dtype, way in (("int8", "IntWinograd3run"), ("float32", "8Winograd3run")):
            small, large = conv(dtype, 1), conv(dtype, 3)
            for path, is_there in (small, False), (large, True):
                module, _ = self.build(path, "--no-weights", "--map", self.folder / "map")
                self.assertEqual(way in (self.folder / "map").read_text(), is_there, path)
                self.same(path)
            module, _ = self.build(small, "--no-weights")
            wanted, found = in_node([run(WASM / "tulle.wasm", large, self.inputs(large)), run(module, large, self.inputs(large))])
            self.assertEqual((wanted["status"], found["status"]), (0, 0))
            if dtype == "int8":
                self.assertEqual(found, wanted)

    def test_messages(self):
        """What modules say of damaged models is what the command says, numbers and all: they format text by themselves."""
        module, _ = self.build(INT8, "--no-weights")
        good, random = INT8.read_bytes(), Random(3)
        runs, said = [], []
        for i in range(150):
            data = bytearray(good)
            for _ in range(random.randint(1, 3)):
                data[random.randrange(len(data) if i % 2 else 4000)] = random.choice((0, 255, 128, 127, random.randrange(256)))
            path = self.write(f"mutant{i}.tflite", bytes(data[:random.randrange(8, len(data))] if i % 10 == 0 else data))
            done = subprocess.run([TULLE, "run", path, "--random", "1", "--no-cache"], capture_output=True, timeout=60)
            if done.returncode == 3:
                runs.append(run(module, path))
                said.append(done.stderr.decode().removeprefix(f"tulle: {path}: ").rstrip("\n"))
        found = [one.get("message") for one in in_node(runs)]
        self.assertGreater(sum("." in text or "0x" in text for text in said), 0, "no number with a point among them")
        # Types that the module was not built for come first there.
        self.assertEqual([f for f in found if not f.startswith("node ") or "no kernel" not in f], [s for f, s in zip(found, said) if not f.startswith("node ") or "no kernel" not in f])

    def test_refused(self):
        out = self.folder / "x.wasm"
        self.fails(3, "wasm-build", self.folder / "none.tflite", "-o", out, says="none.tflite")
        self.fails(3, "wasm-build", self.write("text", b"no model"), "-o", out, says="text")
        self.fails(3, "wasm-build", INT8, "-o", INT8, says="the model itself")
        self.fails(3, "wasm-build", INT8, "-o", out, "--parts", self.folder / "none", says="none")
        self.fails(3, "wasm-build", self.write("odd.tflite", model([tensor("int64", [1], "x"), tensor("int64", [1], "y")], [0], [1], nodes=[(111, 0, [0], [1])])),
                   "-o", out, says="no kernel for")
        self.fails(2, "wasm-build", INT8, says="-o")
        self.assertFalse(out.exists())

    def test_damaged_parts(self):
        good = PARTS.read_bytes()
        refused = 0
        self.fails(3, "wasm-build", INT8, "-o", self.folder / "x.wasm", "--parts", self.write("twice.wasm", good + b"\1\1\0"), says="section 1 after 11")
        bad = [good[:n] for n in (0, 7, 8, 100, 5000, len(good) // 2, len(good) - 300)] + [b"\0asm\1\0\0\0", WASM.joinpath("tulle.wasm").read_bytes()]
        # One byte in each of the sections that say where things are.
        at = 8
        while at < len(good):
            kind, (size, at) = good[at], unsigned(good, at + 1)
            if kind != 10:
                for place in {0, 1, 5, 20, size // 3, size // 2, size - 1}:
                    if place < size:
                        bad.append(good[:at + place] + bytes([good[at + place] ^ 0xFF]) + good[at + place + 1:])
            at += size
        for data in bad:
            path = self.write("bad.wasm", data)
            done = subprocess.run([TULLE, "wasm-build", INT8, "-o", self.folder / "x.wasm", "--parts", path], capture_output=True, timeout=300)
            self.assertIn(done.returncode, (0, 3), done.stderr)
            refused += done.returncode == 3
        self.assertGreater(refused, len(bad) // 3)

    def test_golden(self):
        """Cases of every operator, each in a module of its own."""
        runs = []
        for path in sorted((ROOT / "tests/golden").glob("*.golden.gz")):
            seen = set()
            for i, (name, data, inputs) in enumerate(golden(path)):
                kinds = tuple(kind for kind, *_ in inputs)
                if CASES != 0 and (kinds in seen or len(seen) >= CASES):
                    continue
                seen.add(kinds)
                stem = f"{path.name.split('.')[0]}_{i}"
                file = self.write(f"{stem}.tflite", data)
                done = subprocess.run([TULLE, "wasm-build", file, "-o", self.folder / f"{stem}.wasm", "--no-weights"], capture_output=True, timeout=300)
                self.assertEqual(done.returncode, 0, f"{name}: {done.stderr}")
                fed = [{"shape": shape, "file": str(self.write(f"{stem}.{k}", content))} for k, (_, shape, content) in enumerate(inputs)]
                runs.append((name, run(WASM / "tulle.wasm", file, fed), run(self.folder / f"{stem}.wasm", file, fed)))
        answers = in_node([one for _, *both in runs for one in both])
        wrong = [(name, wanted if "trap" in wanted else wanted["status"], found) for (name, *_), wanted, found in zip(runs, answers[::2], answers[1::2]) if wanted != found]
        self.assertEqual(wrong, [], f"{len(wrong)} of {len(runs)}")

    @unittest.skipUnless(SHARED.is_dir(), "no folder of shared models")
    def test_real_models(self):
        for path in sorted(SHARED.glob("*.tflite")):
            if subprocess.run([TULLE, "run", path, "--random", "1", "--no-cache"], capture_output=True).returncode == 0:
                self.same(path)

    @unittest.skipUnless(SHARED.is_dir(), "no folder of shared models")
    def test_size(self):
        for name in "tf2_mobilenet_v2_1.0_224_ptq", "mobilenet_v2_1.0_224_quant":
            module, found = self.build(SHARED / f"{name}.tflite", "--no-weights")
            self.assertLess(found["gzip_bytes"], 150_000)
            self.assertLess(len(gzip.compress(module.read_bytes(), 9)), 150_000)


if __name__ == "__main__":
    if not PARTS.exists() or shutil.which("node") is None:
        sys.exit(77)
    unittest.main()
