#!/usr/bin/env python3
"""The contract of `tulle bench`: cli_bench_test.py TULLE."""
import gzip
import json
import os
import re
import resource
import struct
import subprocess
import unittest

from cli_case import FLOAT32, INT8, ROOT, TULLE, Case

KEYS = ["load_ms", "prepare_ms", "first_ms", "p50_ms", "p90_ms", "p99_ms", "min_ms", "runs", "threads", "isa", "packed", "peak_rss_bytes", "memory"]
NODE_KEYS = ["graph", "node", "op", "dtype", "shape", "ms", "own_ms", "share", "macs", "gops", "peak_share", "bytes", "gbps"]


def golden(op, name):
    """A case of tests/golden: its model, and the bytes of its first run's inputs and outputs."""
    data = gzip.decompress((ROOT / f"tests/golden/{op}.golden.gz").read_bytes())
    at = 12
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        case, at = json.loads(data[at + 4:at + 4 + length]), at + 4 + length
        sizes = [[p["bytes"] for way in ("inputs", "outputs") for p in run[way]] for run in case["runs"]]
        if case["name"].startswith(name):
            return data[at:at + case["model_bytes"]], sum(sizes[0])
        at += case["model_bytes"] + sum(map(sum, sizes))
    raise KeyError(name)


class Numbers(Case):
    def test_times_and_memory(self):
        found = self.json("bench", INT8, "--runs", 12)
        self.assertEqual(list(found), KEYS)
        self.assertEqual((found["runs"], found["threads"], found["packed"]), (12, 1, False))
        self.assertTrue(0 < found["min_ms"] <= found["p50_ms"] <= found["p90_ms"] <= found["p99_ms"])
        self.assertTrue(min(found["load_ms"], found["prepare_ms"], found["first_ms"]) > 0)
        facts, memory = self.json("inspect", INT8), found["memory"]
        self.assertEqual(list(memory), ["arena_bytes", "arena_lower_bound_bytes", "folded_bytes", "variable_bytes", "peak_rss_bytes"])
        self.assertEqual([memory[k] for k in list(memory)[:3]], [facts[k] for k in ("arena_bytes", "arena_lower_bound_bytes", "folded_bytes")])
        self.assertEqual(memory["peak_rss_bytes"], found["peak_rss_bytes"])
        self.assertGreater(found["peak_rss_bytes"], 1_000_000)
        self.assertIn("p50", self.ok("bench", INT8, "--runs", 3))

    def test_threads_are_those_that_work(self):
        used = self.json("bench", INT8, "--runs", 1, "--threads", 1024)["threads"]
        self.assertTrue(1 <= used <= len(os.sched_getaffinity(0)), used)
        one = min(os.sched_getaffinity(0))
        pinned = subprocess.run(["taskset", "-c", str(one), TULLE, "bench", INT8, "--runs", "1", "--threads", "2", "--json"], capture_output=True)
        self.assertEqual(json.loads(pinned.stdout)["threads"], 1)

    def test_isa(self):
        plain = self.json("bench", INT8, "--runs", 2, "--profile", TULLE_ISA="reference")
        self.assertEqual((plain["isa"], plain["peak"]), ("reference", {"float32_gops": None, "int8_gops": None}))
        self.assertEqual({n["peak_share"] for n in plain["nodes"]}, {None})
        self.assertIn("reference kernels", self.ok("bench", INT8, "--runs", 2, TULLE_ISA="reference"))
        self.assertEqual(self.json("bench", INT8, "--runs", 2, TULLE_ISA="generic")["isa"], "generic")
        self.assertNotEqual(self.json("bench", INT8, "--runs", 2, TULLE_ISA="")["isa"], "reference")
        self.fails(3, "bench", INT8, "--runs", 2, says="abacus", TULLE_ISA="abacus")


class Profile(Case):
    def adds_up(self, found):
        nodes, ops = found["nodes"], found["ops"]
        self.assertEqual({tuple(n) for n in nodes}, {tuple(NODE_KEYS)})
        self.assertEqual({tuple(o) for o in ops}, {("op", "count", "ms", "share", "gops")})
        for rows in (nodes, ops):
            self.assertAlmostEqual(sum(row["share"] for row in rows), 1, places=6)
        self.assertAlmostEqual(sum(n["own_ms"] for n in nodes), found["nodes_ms"], places=9)
        self.assertEqual(sorted((o["ms"] for o in ops), reverse=True), [o["ms"] for o in ops])
        self.assertEqual(len({o["op"] for o in ops}), len(ops))
        for op in ops:
            members = [n for n in nodes if n["op"] == op["op"]]
            self.assertEqual(op["count"], len(members))
            self.assertAlmostEqual(op["ms"], sum(n["own_ms"] for n in members), places=9)

    def test_nodes_and_operators(self):
        for path, peak in ((INT8, "int8_gops"), (FLOAT32, "float32_gops")):
            found, facts = self.json("bench", path, "--runs", 20, "--profile", TULLE_ISA=""), self.json("inspect", path)
            self.assertEqual(list(found), KEYS + ["nodes", "ops", "nodes_ms", "peak"])
            self.adds_up(found)
            self.assertTrue(0 < found["nodes_ms"] < 3 * found["p99_ms"], found["nodes_ms"])
            self.assertEqual({o["op"]: o["count"] for o in found["ops"]}, facts["ops"])
            self.assertEqual(sum(n["macs"] for n in found["nodes"]), facts["macs"])
            self.assertTrue(min(found["peak"].values()) > 0.1, found["peak"])
            for node in found["nodes"]:
                self.assertEqual(node["ms"], node["own_ms"])
                self.assertEqual(node["gops"] is None, node["macs"] == 0 or node["ms"] == 0)
                if node["gops"] is not None:
                    self.assertAlmostEqual(node["gops"] / (2e-6 * node["macs"] / node["ms"]), 1, places=6)
                    self.assertAlmostEqual(node["peak_share"] / (node["gops"] / found["peak"][peak]), 1, places=6)
                if node["ms"] > 0:
                    self.assertAlmostEqual(node["gbps"] / (1e-6 * node["bytes"] / node["ms"]), 1, places=6)
            conv = next(o for o in found["ops"] if o["op"] == "CONV_2D")
            macs = sum(n["macs"] for n in found["nodes"] if n["op"] == "CONV_2D")
            self.assertAlmostEqual(conv["gops"] / (2e-6 * macs / conv["ms"]), 1, places=6)
            last = max(found["nodes"], key=lambda n: n["node"])
            self.assertEqual((last["shape"], last["dtype"]), (facts["outputs"][0]["shape"], facts["outputs"][0]["dtype"]))

    def test_bytes(self):
        for op, case in (("abs", ""), ("add", ""), ("conv_2d", "conv_2d float32 1x5x7x3 3x3x8 stride")):
            model, ends = golden(op, case)
            path = self.write(f"{op}.tflite", model)
            nodes = self.json("bench", path, "--runs", 2, "--profile")["nodes"]
            self.assertEqual([n["bytes"] for n in nodes], [ends + self.json("inspect", path)["weights_bytes"]], op)

    def test_called_graphs(self):
        for op, case in (("while", "while float32 doubles"), ("if", "if float32 True")):
            path = self.write(f"{op}.tflite", golden(op, case)[0])
            found = self.json("bench", path, "--runs", 5, "--profile")
            self.adds_up(found)
            self.assertGreater({n["graph"] for n in found["nodes"]}, {0})
            caller = next(n for n in found["nodes"] if n["op"] == op.upper())
            self.assertLess(caller["own_ms"], caller["ms"])
            self.assertEqual({(n["gops"], n["gbps"]) for n in found["nodes"] if n["graph"] > 0}, {(None, None)})
            self.assertRegex(self.ok("bench", path, "--runs", 2, "--profile"), r"(?m)^ +1:0 ")

    def test_table(self):
        text = self.ok("bench", INT8, "--runs", 3, "--profile", TULLE_ISA="")
        lines = text.splitlines()
        self.assertLessEqual(max(map(len, lines)), 120)
        nodes = self.json("bench", INT8, "--runs", 2, "--profile")["nodes"]
        listed = [line.split()[:2] for line in lines if re.match(r" +\d+ [A-Z].*\[", line)]
        self.assertEqual(listed, [[str(n["node"]), n["op"]] for n in nodes])
        for words in ("peak %", "GB/s", "memory: arena", "peak resident", "GFLOP/s"):
            self.assertIn(words, text)
        self.assertRegex(text, r"(?m)^ +\d+ all +[\d.]+ 100.00$")


class Charts(Case):
    def trace(self, path, *options):
        self.ok("bench", path, "--runs", 5, "--trace", self.folder / "t.json", *options)
        events = json.loads((self.folder / "t.json").read_text())["traceEvents"]
        self.assertEqual({e["ph"] for e in events}, {"M", "X"})
        spans = [e for e in events if e["ph"] == "X"]
        for span in spans:
            self.assertTrue(span["ts"] >= 0 and span["dur"] >= 0)
            self.assertEqual(sorted(span), ["args", "cat", "dur", "name", "ph", "pid", "tid", "ts"])
        open_spans = []  # each span lies within those that are open, or begins after they end
        for span in spans:
            while open_spans and open_spans[-1]["ts"] + open_spans[-1]["dur"] <= span["ts"] + 1e-6:
                open_spans.pop()
            if open_spans:
                self.assertLessEqual(span["ts"] + span["dur"], open_spans[-1]["ts"] + open_spans[-1]["dur"] + 1e-6, span)
            open_spans.append(span)
        return spans

    def test_trace(self):
        spans = self.trace(INT8)
        self.assertEqual([s["name"] for s in spans if s["cat"] != "node"], ["load", "prepare", "first run", "run"])
        nodes = self.json("bench", INT8, "--runs", 2, "--profile")["nodes"]
        names = [f'{n["op"]} {n["node"]}' for n in nodes if n["ms"] > 0]
        self.assertEqual([s["name"] for s in spans if s["cat"] == "node"], names * 2)
        conv = next(s for s in spans if s["name"].startswith("CONV_2D"))
        self.assertRegex(conv["args"]["inputs"][0], r"^\[1,\d+,\d+,\d+\] int8$")
        self.assertAlmostEqual(conv["args"]["GOP/s"] / (2e-3 * conv["args"]["multiply-adds"] / conv["dur"]), 1, places=3)
        self.assertTrue(1 <= spans[-1]["ts"] and next(s for s in spans if s["name"] == "run")["args"]["run"] in range(1, 6))

    def test_trace_of_called_graphs(self):
        spans = self.trace(self.write("w.tflite", golden("while", "while float32 doubles")[0]))
        names = [s["name"] for s in spans]
        self.assertTrue([n for n in names if n.startswith("WHILE ")] and [n for n in names if re.search(r" [12]:\d+$", n)], names)

    def test_html(self):
        named = self.write("<script>alert(1)<&.tflite", INT8.read_bytes())
        for source in (INT8, FLOAT32, named, self.write("w.tflite", golden("while", "while float32 doubles")[0])):
            self.ok("bench", source, "--runs", 3, "--html", self.folder / "page.html")
            page = (self.folder / "page.html").read_text()
            for outside in ("http:", "https:", "src=", "@import", "url(", "<link"):
                self.assertNotIn(outside, page)
            self.assertEqual(page.count("<script>"), 1)
            nodes = self.json("bench", source, "--runs", 2, "--profile")["nodes"]
            self.assertEqual(page.count("<tr data-node"), len(nodes))
            for row in (0, 1, 2):  # of the run, then of its operators, then of its nodes
                chart = page.split("In the order of running")[0]
                bars = [(float(x), float(w)) for x, w in re.findall(rf"--row:{row};--x:([\d.]+);--w:([\d.]+)", chart)]
                end = 0
                for x, width in bars:
                    self.assertAlmostEqual(x, end, delta=0.01, msg="no gap and no overlap")
                    end += width
                self.assertAlmostEqual(end, 100, delta=0.01)
            self.assertIn("prefers-color-scheme: dark", page)

    def test_written_whole_or_not_at_all(self):
        for option in ("--trace", "--html"):
            run = ["bench", INT8, "--runs", 2, option]
            self.fails(1, *run, self.folder / "no/out", says=["no/out", "cannot write"])
            self.fails(1, *run, self.folder, says=[str(self.folder), "cannot write"])
            self.fails(1, *run, "/dev/full", says=["/dev/full", "cannot write"])
            self.fails(1, *run, self.write("file", b"") / "under", says="file/under")
            old = self.write("kept", b"old")
            # Python ignores the signal that comes with the limit, and so does what it starts this way.
            done = subprocess.run([TULLE, *map(str, run), old], capture_output=True, restore_signals=False,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
            self.assertEqual((done.returncode, done.stdout, done.stderr.count(b"\n")), (1, b"", 1), done.stderr)
            self.assertIn(b"kept: cannot write: File too large", done.stderr)
            self.assertEqual((old.read_bytes(), sorted(p.name for p in self.folder.iterdir())), (b"old", ["file", "kept"]))
            old.chmod(0o640)
            link = self.folder / "link"
            link.symlink_to(old)
            self.ok(*run, link)
            self.assertTrue(link.is_symlink() and old.read_bytes() != b"old")
            self.assertEqual(old.stat().st_mode & 0o777, 0o640)
            link.unlink()
        self.fails(3, "bench", self.folder / "missing.tflite", "--html", self.folder / "page.html", says="missing.tflite")
        self.assertFalse((self.folder / "page.html").exists())


if __name__ == "__main__":
    unittest.main()
