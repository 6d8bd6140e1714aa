#!/usr/bin/env python3
"""What `tulle wasm run` and `compile` keep: cli_wasm_cache_test.py TULLE. Exits 77 where `make wasm` was not run."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import unittest

from tiny_wasm import TRAP as TRAPPING, count_to, module
from wasm_guests import GUESTS, TRAP, Guests, grant


class Kept(Guests):
    """What is compiled once and started from: artefacts and snapshots."""
    def setUp(self):
        super().setUp()
        Kept.cache = self.folder / "cache"  # nothing is in it yet

    def compile_ms(self, guest="hostile", words=("exit", "7"), code=7):
        done = self.run_guest(guest, *words, flags=["--stats"])
        self.assertEqual(done.code, code, done)
        return done.stats["compile_ms"]

    def artefacts(self):
        """Files of machine code, as large as that is."""
        return [path for path in sorted(self.cache.rglob("*")) if path.is_file() and path.stat().st_size > 4096]

    def test_second_run(self):
        first, second = self.compile_ms(), self.compile_ms()
        self.assertGreater(first, 10)
        self.assertLess(second, first / 5)
        self.assertEqual(len(self.artefacts()), 1)
        # The module counts, not its name.
        copy = self.write("copy.wasm", (GUESTS / "hostile.wasm").read_bytes())
        self.assertLess(self.compile_ms(copy), first / 5)
        copy.write_bytes((GUESTS / "curious.wasm").read_bytes())
        self.assertEqual(self.run_guest(copy).out, b"copy.wasm\n")

    def test_compile(self):
        done = self.command("compile", GUESTS / "hostile.wasm", cache=self.cache)
        self.assertEqual((done.code, done.err), (0, b""), done)
        self.assertEqual(len(self.artefacts()), 1)
        kept = self.compile_ms()
        shutil.rmtree(self.cache)
        self.assertLess(kept, self.compile_ms() / 5)

    def test_damaged(self):
        """Whichever file was changed, the module is compiled again and what is kept put right; the guest never notices."""
        first = self.compile_ms()
        files = [path for path in self.cache.rglob("*") if path.is_file()]
        self.assertLess(len(files), 5)
        for path in files:
            good = path.read_bytes()
            size = len(good)
            bad = {f"byte {at}": good[:at] + bytes([good[at] ^ 1]) + good[at + 1:] for at in {0, 8, size // 3, size // 2, size - 1}}
            bad |= {f"cut to {left}": good[:left] for left in {0, 1, size // 2, size - 1}}
            bad |= {"zeros": bytes(size), "noise": os.urandom(size), "gone": None}
            if path in self.artefacts():
                bad |= {"longer": good + b"\0", "a module": (GUESTS / "hostile.wasm").read_bytes()}
            for what, data in bad.items():
                with self.subTest(what, file=path.suffix or path.name):
                    path.unlink()
                    if data is not None:
                        path.write_bytes(data)
                    self.assertGreater(self.compile_ms(), first / 5, "it was loaded")
                    self.assertLess(self.compile_ms(), first / 5, "it was not put right")

    def test_swapped(self):
        """What is kept in another's place, and what another cache has."""
        def kept(artefact):
            return sorted(artefact.parent.glob(artefact.name + "*"))  # and what stands beside it

        first = self.compile_ms()
        hostile, = self.artefacts()
        other = self.compile_ms("curious", ("random",), 0)
        curious, = set(self.artefacts()) - {hostile}
        for a, b in zip(kept(hostile), kept(curious), strict=True):
            of_a, of_b = a.read_bytes(), b.read_bytes()
            a.write_bytes(of_b)
            b.write_bytes(of_a)
        self.assertGreater(self.compile_ms(), first / 5)
        self.assertGreater(self.compile_ms("curious", ("random",), 0), other / 5)
        elsewhere = self.folder / "elsewhere"
        self.assertEqual(self.run_guest("hostile", "exit", "7", cache=elsewhere).code, 7)
        for path in kept(hostile):
            path.write_bytes((elsewhere / path.relative_to(self.cache)).read_bytes())
        self.assertGreater(self.compile_ms(), first / 5)

    def test_no_cache(self):
        """A folder that can't be one is done without; so is what lies in the way."""
        plain = self.write("plain", b"")
        for cache in (plain, plain / "below"):
            done = self.run_guest("hostile", "exit", "7", cache=cache)
            self.assertEqual(done.code, 7, done)
        self.compile_ms()
        path, = self.artefacts()
        path.unlink()
        path.mkdir()
        self.compile_ms()

    def test_at_once(self):
        """Many first runs share a fresh cache."""
        codes = []
        threads = [threading.Thread(target=lambda: codes.append(self.run_guest("hostile", "exit", "7").code)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(codes, [7] * 4)
        self.assertEqual(len(self.artefacts()), 1)

    def snapshots(self, guest, times=3):
        return [json.loads(self.says(guest, "a", "b", flags=["--env", "A=1", *grant(self.box())])) for _ in range(times)]

    def test_snapshot(self):
        """The initialiser runs once, sees nothing that a run is granted, and what comes after is each run's own."""
        table = sum(i * i for i in range(50000)) % 2 ** 32
        for guest, reseeds in (("snapshot", 0), ("snapshot_wizer", 0), ("snapshot_reseed", 1)):
            with self.subTest(guest):
                found = self.snapshots(guest)
                for one in found:
                    self.assertEqual((one["inits"], one["reseeds"], one["sum"], one["variables"], one["folder"]), (1, reseeds, table, 0, False), one)
                    self.assertLess(one["words"], 2)
                self.assertEqual(len({one["seen"] for one in found}), 1, "it ran again")
                self.assertEqual(len({one["fresh"] for one in found} | {found[0]["seen"]}), 4, "random bytes came twice")
                self.assertEqual(len({one["next"] for one in found}), 3 if reseeds else 1)

    def test_snapshot_is_a_module(self):
        made = self.folder / "made.wasm"
        done = self.command("compile", GUESTS / "snapshot.wasm", "-o", made, cache=self.cache)
        self.assertEqual((done.code, done.err), (0, b""), done)
        self.assertEqual(made.read_bytes()[:8], b"\0asm\1\0\0\0")
        found = [json.loads(self.says(made)) for _ in range(2)]
        self.assertEqual([one["inits"] for one in found], [1, 1])
        self.assertEqual(found[0]["seen"], found[1]["seen"])
        self.assertNotEqual(found[0]["fresh"], found[1]["fresh"])
        if shutil.which("node"):
            done = subprocess.run(["node", "--no-warnings", pathlib.Path(__file__).parent / "wasm/command.mjs", made, "{}"], capture_output=True, timeout=60)
            self.assertEqual((json.loads(done.stdout)["inits"], json.loads(done.stdout)["seen"]), (1, found[0]["seen"]))

    def test_long_initialiser(self):
        path = self.write("slow.wasm", module([("_start", ">", b""), ("tulle_init", ">", count_to(200_000_000), 1)]))
        first, second = (self.run_guest(path, flags=["--stats"]).stats for _ in range(2))
        self.assertGreater(first["init_ms"], 20)
        self.assertLess(second["init_ms"], first["init_ms"] / 5)

    def test_initialiser_fails(self):
        path = self.write("trap.wasm", module([("_start", ">", b""), ("tulle_init", ">", TRAPPING)]))
        for _ in range(2):
            done = self.run_guest(path)
            self.assertEqual((done.code, done.out), (TRAP, b""), done)
            self.named(done, "trap.wasm", "unreachable")


if __name__ == "__main__":
    if not (GUESTS / "hostile.wasm").exists():
        sys.exit(77)
    unittest.main()
