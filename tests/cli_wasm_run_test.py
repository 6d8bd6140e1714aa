#!/usr/bin/env python3
"""`tulle wasm run` and `inspect`: cli_wasm_run_test.py TULLE. Exits 77 where `make wasm` was not run."""
import json
import os
import pathlib
import sys
import threading
import time
import unittest

from cli_case import TULLE
from tiny_wasm import FOR_EVER, GROW_TABLE, limits, module, signed
from wasm_guests import GUESTS, LIMIT, MIB, REFUSED, TRAP, Guests, grant


def size_on_disk(folder):
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


class Ends(Guests):
    """How runs end: the guest's own way, by a trap, by a limit."""
    def test_exit_codes(self):
        for code in (0, 1, 2, 3, 4, 5, 42, 77, 125, 126, 255):
            with self.subTest(code=code):
                done = self.run_guest("hostile", "exit", code)
                self.assertEqual((done.code, done.out, done.err), (code, b"", b""))

    def test_traps(self):
        """Why, and where: functions by the names they have in the source."""
        for deed, why, function in (("trap", "unreachable", "trap"), ("abort", "unreachable", "abort"), ("divide", "divi", "divide"), ("outside", "out of bounds", "outside"),
                                    ("wrong_type", "indirect call", "wrong_type"), ("convert", "integer", "convert"), ("frames", "out of bounds", "wide")):
            with self.subTest(deed=deed):
                done = self.run_guest("hostile", deed)
                self.assertEqual((done.code, done.out), (TRAP, b""), done)
                self.named(done, "hostile.wasm", why)
                self.assertRegex(done.err.decode().split("\n", 1)[1], rf"\b{function}\b", done)

    def test_bad_pointers(self):
        """Addresses and sizes outside memory end in an error number or a trap, never in the host."""
        for which in range(17):
            with self.subTest(which=which):
                done = self.run_guest("hostile", "pointer", which, flags=["--env", "A=1", *grant(self.box()), *self.models("sum")])
                self.assertIn(done.code, range(1, 90), done)

    def test_time(self):
        """In the guest's own code, in what it asks of the host, and in models."""
        read, write = os.pipe()  # of which nothing ever comes
        self.addCleanup(os.close, write)
        self.addCleanup(os.close, read)
        box = self.box("big")
        os.truncate(box / "big", 64 * MIB)
        os.mkfifo(box / "fifo")
        for words in ("loop", "yield", "sleep", "read", "poll", "poll_many 1", "poll_many 1000", "poll_many 200000", "random 60", "read_file /box/big 60", "read_file /box/fifo 1", "flood_nothing",
                      "reopen /box 1000000000", "handles sum 1000000000", "compute sum 1 5 5 1", "compute forever 1", "compute heavy 1", "compute folded 1"):
            with self.subTest(words):
                done = self.run_guest("hostile", *words.split(), stdin=read, flags=["--timeout", "1", *grant(box), *self.models("sum", "forever", "heavy", "folded")])
                self.limited(done, "time", 1)
                self.assertGreater(done.seconds, 1, done)
        with self.subTest("flood where nobody reads"):
            self.limited(self.run_guest("hostile", "flood", flags=["--timeout", "1"], stdout=write), "time", 1)

    def test_time_before_main(self):
        for name, data in {"start": module([("_start", ">", b""), (None, ">", FOR_EVER)], start=1), "init": module([("_start", ">", b""), ("tulle_init", ">", FOR_EVER)])}.items():
            with self.subTest(name):
                self.limited(self.run_guest(self.write(f"{name}.wasm", data), flags=["--timeout", "1"]), "time", 1)

    def test_memory_stack_table(self):
        for words, flags, limit in (("grow", "--memory 16", "memory"), ("grow 60000", "--memory 16", "memory"), ("hold 32", "--memory 16", "memory"), ("grow", "", "memory"),
                                    ("recurse", "", "stack")):
            with self.subTest(words, flags=flags):
                self.limited(self.run_guest("hostile", *words.split(), flags=flags.split()), limit)
        grower = self.write("grower.wasm", module([("_start", ">", GROW_TABLE)], table=limits(1)))
        for flags in ([], ["--table", "50000"]):
            self.limited(self.run_guest(grower, flags=flags), "table")
        for name, memory, table, flags in (("memory", limits(1000), None, ["--memory", "62"]), ("table", limits(1), limits(60000), ["--table", "50000"])):
            with self.subTest(name, what="from the start"):
                path = self.write(f"{name}.wasm", module([("_start", ">", b"")], memory=memory, table=table))
                self.limited(self.run_guest(path, flags=flags), name)
                self.says(path)

    def test_output(self):
        """What was written within the limit arrives, and the first line is the host's even where the guest wrote to standard error."""
        for words in ("flood", "flood_parts", "output_as_file /box", "error_as_output", "flood 2"):
            with self.subTest(words):
                done = self.run_guest("hostile", *words.split(), flags=["--output", "1", *grant(self.box())])
                self.limited(done, "output")
                stream = done.err if "error" in words or "2" in words else done.out
                self.assertTrue(MIB - 65536 <= stream.count(b"x" * 1000) * 1000 <= MIB, done)

    def test_files(self):
        for deed in ("files", "folders", "symlinks", "links"):
            with self.subTest(deed):
                box = self.box()
                self.limited(self.run_guest("hostile", deed, "/box", "10000", flags=["--files", "50", *grant(box)]), "files")
                self.assertLessEqual(len(list(box.iterdir())), 50)
                self.says("hostile", deed, "/box", "50", flags=["--files", "50", *grant(self.box())])
        box = self.box()
        self.limited(self.run_guest("hostile", "files", "/box", "10000", flags=grant(box)), "files")
        self.assertEqual(len(list(box.iterdir())), 1000)

    def test_disk(self):
        """What is written counts, not what lies there; and nothing more lies there."""
        for deed in ("disk", "rewrite", "pwrite", "append", "truncate", "file_as_output", "closed_output"):
            with self.subTest(deed):
                box = self.box()
                self.limited(self.run_guest("hostile", deed, "/box", flags=["--disk", "2", *grant(box)]), "disk")
                self.assertLessEqual(size_on_disk(box), 2 * MIB + 65536)
                if deed in ("disk", "append"):
                    self.assertEqual(size_on_disk(box), 2 * MIB)
        box = self.box()
        self.assertIn(self.run_guest("hostile", "allocate", "/box", flags=["--disk", "2", *grant(box)]).code, (LIMIT, REFUSED))
        self.assertEqual([path.stat().st_size for path in box.iterdir()], [0])

    def test_descriptors_and_handles(self):
        """As many as there may be are given, and one more ends the guest; of descriptors four are there from the start."""
        for kind, flag, default, more, limit in (("descriptors /box", "--descriptors", 1024, 4, "descriptors"), ("graphs sum", "--graphs", 1000, 0, "handles"), ("contexts sum", "--contexts", 1000, 0, "handles")):
            for most, flags in ((default, []), (32, [flag, "32"])):
                with self.subTest(kind, most=most):
                    flags += [*grant(self.box()), *self.models("sum")]
                    self.says("hostile", *kind.split(), most - more, flags=flags)
                    self.limited(self.run_guest("hostile", *kind.split(), most - more + 1, flags=flags), limit)

    def test_within_limits(self):
        """Limits count what is held at a time where it can be given back."""
        for words, flags in (("hold 8", "--memory 16"), ("reopen /box 1000", "--descriptors 32"), ("handles sum 200", "--graphs 5 --contexts 5")):
            with self.subTest(words):
                self.says("hostile", *words.split(), flags=[*flags.split(), *grant(self.box()), *self.models("sum")])

    def test_neighbours(self):
        """Others get right answers beside guests that do their worst, and these end as if they were alone."""
        worst = {"loop": "time", "grow": "memory", "flood": "output", "compute forever 1": "time", "recurse": "stack"}
        ended = {}
        threads = [threading.Thread(target=lambda words=words: ended.update({words: self.run_guest("hostile", *words.split(), flags=["--timeout", "4", *self.models("forever")])})) for words in worst]
        for thread in threads:
            thread.start()
        until, answers = time.monotonic() + 3, []
        while time.monotonic() < until:
            answers.append(self.run_guest("wamr", flags=self.models(*NETS)))
        for thread in threads:
            thread.join()
        self.assertGreater(len(answers), 1)
        for answer in answers:
            self.assertEqual((answer.code, answer.err), (0, b""), answer)
        for words, limit in worst.items():
            self.limited(ended[words], limit, 4 + 2)  # processors are shared


class Grants(Guests):
    """What guests are given, and what they are not."""
    def test_nothing_by_default(self):
        for deed in ("env", "folders", "network"):
            self.assertEqual(self.says("curious", deed), "", deed)
        for words in ("cat /etc/passwd", "cat plain", "list /", "list .", "write /tmp/tulle-planted x", "write planted x"):
            done = self.run_guest("curious", *words.split())
            self.assertEqual((done.code, done.out), (1, b""), words)
        for name in ("sum", str(self.home / "sum.tflite"), "../sum", ""):
            self.assertEqual(self.says("curious", "model", name), "8\n", name)
        self.assertFalse(pathlib.Path("/tmp/tulle-planted").exists())

    def test_words(self):
        self.assertEqual(self.says("curious"), "curious.wasm\n")
        words = ["one", "", "two words", "--help", "--", "-x", "ä€😀", "'\"$HOME"]
        self.assertEqual(self.says("curious", "args", *words), "\n".join(words) + "\n")

    def test_environment(self):
        self.assertEqual(self.says("curious", "env", flags=["--env", "A=1", "--env", "B=x=y z", "--env", "C="]), "A=1\nB=x=y z\nC=\n")

    def test_streams(self):
        data = bytes(range(256)) * 3000
        done = self.run_guest("curious", "stdin", data=data)
        self.assertEqual((done.code, done.out, done.err), (0, data, b""))

    def test_folders(self):
        box, other = self.box("plain"), self.box("others")
        flags = [*grant(box), "--dir", f"{other}::/other:ro"]
        self.assertEqual(self.says("curious", "folders", flags=flags), "/box\n/other\n")
        self.assertEqual(self.says("curious", "cat", "/box/plain", flags=flags), "this is plain")
        self.assertEqual(set(self.says("curious", "list", "/other", flags=flags).split()) - {".", ".."}, {"others"})
        self.says("curious", "write", "/box/made", "text", flags=flags)
        self.assertEqual((box / "made").read_text(), "text")
        self.assertEqual(self.run_guest("curious", "write", "/other/made", "text", flags=flags).code, 1)
        self.assertFalse((other / "made").exists())

    def test_read_only(self):
        def folder():
            box = self.box("plain", "other")
            (box / "sub").mkdir()
            return box

        ways = ["create", "create to read", "open to write", "open for both", "empty", "make a folder", "symlink", "link", "touch", "rename", "remove", "remove a folder"]
        self.assertEqual(self.says("curious", "change", flags=grant(folder())).splitlines(), ways)
        box = folder()
        before = [(path.name, path.stat().st_mtime_ns, path.is_dir() or path.read_text()) for path in sorted(box.iterdir())]
        for deed in ("change", "change_read"):
            self.assertEqual(self.says("curious", deed, flags=grant(box, ":ro")), "", deed)
        self.assertEqual(self.says("curious", "change_read", flags=grant(box)), "")
        self.assertEqual([(path.name, path.stat().st_mtime_ns, path.is_dir() or path.read_text()) for path in sorted(box.iterdir())], before)

    def test_escapes(self):
        box = self.box("plain")
        outside = box.parent
        (outside / "secret").write_text("this is secret")
        (outside / "empty").mkdir()
        (box / "sub").mkdir()
        for name, target in {"link": "../secret", "absolute": outside / "secret", "up": "..", "sub/up": "../..", "root": "/", "twice": "link", "self": "self"}.items():
            (box / name).symlink_to(target)
        before = sorted((str(path), path.lstat().st_mtime_ns) for path in outside.iterdir() if path != box)
        path = str(outside / "secret")
        words = ["../secret", path, "/secret", "sub/../../secret", "./../secret", "..//secret", "sub/../../box/../secret", "link", "absolute", "up/secret", "sub/up/secret", "root" + path, "twice",
                 "self", "made", "made_up/secret", "made_root" + path, "plain/../../secret", "up", "..", "/", "root", "sub/up"]
        inside = ["plain", "sub/../plain", "made_plain"]
        ways = ("read", "write", "stat", "touch")
        said = self.says("curious", "escape", *words, *inside, flags=grant(box)).splitlines()
        self.assertEqual(said, [f"{way} {word}" for word in inside for way in ways])
        self.assertEqual(sorted((str(path), path.lstat().st_mtime_ns) for path in outside.iterdir() if path != box), before)
        self.assertEqual((outside / "secret").read_text(), "this is secret")

    def test_clock_and_random(self):
        self.assertAlmostEqual(int(self.says("curious", "clock")) / 1e9, time.time(), delta=10)
        seen = {self.says("curious", "random") for _ in range(5)}
        self.assertEqual((len(seen), {len(one) for one in seen}), (5, {33}))

    def test_secrets(self):
        """Memory is fresh whatever was in others'."""
        self.assertEqual(self.run_guest("secrets", "prove").code, 10)
        for _ in range(3):
            self.assertEqual(self.run_guest("secrets", "leave").code, 0)
            self.assertGreater(int(self.says("secrets", "look")), 64 * 65536)


NETS = ("sum", "max", "average", "quantized", "mult_dimension", "mult_outputs")


class Runs(Guests):
    """Models, statistics, usage, bad modules, inspect."""
    def test_models(self):
        for guest in ("wamr", "wamr_legacy"):
            for flags in ([], ["--threads", "2"]):
                self.assertEqual(self.says(guest, flags=[*self.models(*NETS), *flags]), "".join(f"{net} 0\n" for net in NETS), guest)
            self.assertEqual(self.run_guest(guest, flags=self.models(*NETS[1:])).code, 1)

    def test_statistics(self):
        done = self.run_guest("wamr", flags=["--stats", *self.models(*NETS)])
        self.assertEqual((done.code, done.err.count(b"\n")), (0, 1), done)
        stats = done.stats
        self.assertEqual(set(stats), {"compile_ms", "instantiate_us", "init_ms", "call_ms", "compute_ms", "executions", "peak_memory_bytes"})
        self.assertEqual(stats["executions"], len(NETS))
        self.assertTrue(0 < stats["compute_ms"] <= stats["call_ms"] < 1000 * done.seconds, stats)
        self.assertGreater(stats["instantiate_us"], 0)
        held = self.run_guest("hostile", "hold", "8", flags=["--stats"]).stats["peak_memory_bytes"]
        self.assertTrue(8 * MIB < held < 12 * MIB, held)
        for words, code in (("exit 3", 3), ("trap", TRAP), ("loop", LIMIT)):
            done = self.run_guest("hostile", *words.split(), flags=["--stats", "--timeout", "1"])
            self.assertEqual((done.code, set(done.stats)), (code, set(stats)), done)

    def test_usage(self):
        guest = GUESTS / "hostile.wasm"
        self.refused(self.command("run"), 2)
        for words in ([guest, "--no-such-flag"], *([guest, flag, value] for flag in ("--timeout", "--memory", "--threads", "--output", "--files", "--disk", "--descriptors", "--graphs", "--contexts", "--table")
                                                      for value in ("-1", "x", "", "1x", "1e99")), [guest, "--timeout", "nan"], [guest, "--threads", "0"],
                      [guest, "--dir", "/tmp"], [guest, "--dir", "::/x"], [guest, "--dir", "/tmp::"], [guest, "--env", "A"], [guest, "--env", "=x"], [guest, "--model", "sum"],
                      [guest, "--model", "=x"], [guest, *self.models("sum", "sum")]):
            with self.subTest(words=words):
                self.refused(self.command("run", *words, "--", "exit", "0"), 2)

    def test_missing(self):
        bad = self.write("bad.tflite", b"no model")
        for flags, says in ((["--model", f"m={self.folder}/none.tflite"], "none.tflite"), (["--model", f"m={bad}"], "bad.tflite"), (["--dir", f"{self.folder}/none::/x"], "none"),
                            (["--dir", f"{bad}::/x"], "bad.tflite")):
            with self.subTest(flags=flags):
                done = self.run_guest("hostile", "exit", "0", flags=flags)
                self.refused(done, 3)
                self.assertIn(says, done.err.decode())

    def test_bad_modules(self):
        good = (GUESTS / "hostile.wasm").read_bytes()
        rows = {"none": None, "empty": b"", "text": b"no module at all", "wat": b'(module (func (export "_start")))', "cut": good[:len(good) // 2], "head": good[:8], "elf": pathlib.Path(TULLE).read_bytes()[:4096],
                "zeros": bytes(10000), "version": module([("_start", ">", b"")], version=2), "component": good[:4] + b"\x0d\0\1\0", "no_start": module([("other", ">", b"")]),
                "start_takes": module([("_start", "i>", b"")]), "type": module([("_start", ">", b"\x41\0")]), "section": good + b"\1\1\0"}
        for name, data in rows.items():
            with self.subTest(name):
                path = self.folder / f"{name}.wasm" if data is None else self.write(f"{name}.wasm", data)
                for _ in range(2):  # nothing is kept that changes the answer
                    self.refused(self.run_guest(path), 3, "")
                    self.assertIn(f"{name}.wasm", self.run_guest(path).err.decode())
        folder = self.folder / "folder.wasm"
        folder.mkdir()
        self.refused(self.run_guest(folder), 3)

    def test_imports(self):
        """One that is not known is named, however the guest would use it."""
        for where, name, what in (("env", "mystery", "ii>i"), ("wasi_snapshot_preview1", "mystery", ">"), ("wasi_ephemeral_nn", "mystery", "i>i"), ("wasi_snapshot_preview1", "fd_close", "l>i"),
                                  ("wasi_ephemeral_nn", "load", "iiii>i"), ("wasi_nn", "unload", "i>i"), ("env", "memory", limits(1))):
            with self.subTest(where=where, name=name):
                imports = [(where, name, what)]
                if where == "wasi_nn":
                    imports.append((where, "load", "iiii>i"))  # WAMR's interface, which has no unload
                path = self.write("imports.wasm", module([("_start", ">", b"")], imports, memory=limits(1) if isinstance(what, str) else None))
                self.refused(self.run_guest(path), 3, where, name)

    def test_many_writes(self):
        """More than WASI's functions may copy in one call."""
        size, count = 1 << 20, 150
        code = b"\x41\0" + b"\x41" + signed(65536) + b"\x36\x02\0" + b"\x41\x04\x41" + signed(size) + b"\x36\x02\0"
        loop = b"\x03\x40\x41\x01\x41\0\x41\x01\x41\x08\x10\0\x04\x40\0\x0b\x20\0\x41\x01\x6a\x22\0\x41" + signed(count) + b"\x48\x0d\0\x0b"
        path = self.write("writer.wasm", module([("_start", ">", code + loop, 1)], [("wasi_snapshot_preview1", "fd_write", "iiii>i")], memory=limits(20)))
        done = self.run_guest(path, flags=["--output", "200"])
        self.assertEqual((done.code, len(done.out)), (0, size * count), done)

    def test_the_interface_before(self):
        """wasi_unstable, with a subscription of its own shape and the same limits."""
        def store(at, value):
            return b"\x41" + signed(at) + b"\x41" + signed(value) + b"\x36\x02\x00"

        def call(number, *words):
            return b"".join(b"\x41" + signed(word) for word in words) + bytes([0x10, number])

        imports = [("wasi_unstable", "fd_write", "iiii>i"), ("wasi_unstable", "poll_oneoff", "iiii>i"), ("wasi_unstable", "proc_exit", "i>")]
        say = store(0, 16) + store(4, 4) + store(16, int.from_bytes(b"hey\n", "little")) + call(0, 1, 0, 1, 8) + b"\x1a"
        sleep = store(64 + 24, 1) + store(64 + 36, 1) + call(1, 64, 256, 1, 400) + b"\x1a"  # four seconds
        done = self.run_guest(self.write("old.wasm", module([("_start", ">", say + call(2, 7))], imports)))
        self.assertEqual((done.code, done.out), (7, b"hey\n"), done)
        done = self.run_guest(self.write("sleeper.wasm", module([("_start", ">", sleep)], imports)), flags=["--timeout", "0.2"])
        self.limited(done, "time", 0.2)
        self.assertLess(done.seconds, 0.6)  # before the watchdog

    def test_inspect(self):
        for guest, door in (("hostile", "wasi_ephemeral_nn"), ("wamr", "wasi_ephemeral_nn"), ("wamr_legacy", "wasi_nn"), ("snapshot", None)):
            done = self.command("inspect", GUESTS / f"{guest}.wasm")
            self.assertEqual((done.code, done.err), (0, b""), done)
            for word in ("wasi_snapshot_preview1", "fd_write", "memory", "_start", *([door] if door else ())):
                self.assertIn(word, done.out.decode(), guest)
            json.loads(self.command("inspect", GUESTS / f"{guest}.wasm", "--json").out)
        self.assertIn("tulle_init", done.out.decode())
        self.assertNotIn("wasi_ephemeral_nn", done.out.decode())
        self.refused(self.command("inspect", self.write("bad.wasm", b"\0asm")), 3, "")
        self.refused(self.command("inspect"), 2)


if __name__ == "__main__":
    if not (GUESTS / "hostile.wasm").exists():
        sys.exit(77)
    unittest.main()
