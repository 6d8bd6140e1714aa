"""What the tests of `tulle wasm` share: guests, models, and runs with a clock."""
import json
import os
import pathlib
import re
import resource
import subprocess
import tempfile
import time

from cli_case import ROOT, TULLE, Case

BUILT = pathlib.Path(TULLE).resolve().parent
GUESTS = BUILT / "wasm/tests"
TINY_MODELS = BUILT / "tests/tiny_models"
MIB = 1 << 20
LIMIT, TRAP = 4, 5
REFUSED = 90  # what hostile.wasm answers where it was not let
# A limit that does not work is to cost the tests neither much time nor the disk.
ALWAYS = ("--timeout", "20")
resource.setrlimit(resource.RLIMIT_FSIZE, (256 * MIB, resource.RLIM_INFINITY))


class Done:
    """How a run of a guest ended."""
    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err, self.seconds = code, out, err, seconds

    def __repr__(self):
        return f"code {self.code} after {self.seconds:.2f} s, {len(self.out)} bytes {self.out[:200]}, {len(self.err)} bytes {self.err[-2000:]}"

    @property
    def stats(self):
        return json.loads(self.err.decode().splitlines()[-1])


def path_of(guest):
    return guest if isinstance(guest, pathlib.Path) else GUESTS / f"{guest}.wasm"


class Guests(Case):
    @classmethod
    def setUpClass(cls):
        home = tempfile.TemporaryDirectory()
        cls.addClassCleanup(home.cleanup)
        cls.home = pathlib.Path(home.name)
        texts = sorted((ROOT / "tests/guests/models").glob("*.tulle"))
        subprocess.run([TINY_MODELS, *texts, cls.home], check=True)
        cls.cache = cls.home / "cache"
        cls.run_guest("hostile", "exit", "0")  # so that none is compiled while a clock runs
        cls.start = max(cls.run_guest("hostile", "exit", "0").seconds for _ in range(3))

    @classmethod
    def command(cls, verb, *words, stdin=subprocess.DEVNULL, data=None, cache=None, stdout=None):
        """tulle wasm VERB WORDS; `out` is empty where standard output goes elsewhere."""
        with tempfile.TemporaryFile(dir=cls.home) as out, tempfile.TemporaryFile(dir=cls.home) as err:
            begun = time.monotonic()
            done = subprocess.run([TULLE, "wasm", verb, *map(str, words)], stdout=stdout or out, stderr=err, timeout=120,
                                  env={**os.environ, "TULLE_CACHE": str(cache or cls.cache)}, **({"stdin": stdin} if data is None else {"input": data}))
            seconds = time.monotonic() - begun
            out.seek(0)
            err.seek(0)
            return Done(done.returncode, out.read(), err.read(), seconds)

    @classmethod
    def run_guest(cls, guest, *words, flags=(), **more):
        return cls.command("run", path_of(guest), *(ALWAYS if "--timeout" not in flags else ()), *flags, "--", *words, **more)

    @classmethod
    def models(cls, *names):
        return [word for name in names for word in ("--model", f"{name}={cls.home / name}.tflite")]

    def says(self, guest, *words, **more):
        """What a guest prints that ends well and of which nobody complains."""
        done = self.run_guest(guest, *words, **more)
        self.assertEqual((done.code, done.err), (0, b""), done)
        return done.out.decode()

    def refused(self, done, code, *says):
        """Nothing ran; one line says why, or with a hint at --help two."""
        self.assertEqual((done.code, done.out), (code, b""), done)
        self.assertEqual(done.err.count(b"\n"), 2 if code == 2 else 1, done)
        self.named(done, *says)

    def named(self, done, *says):
        first = done.err.decode().split("\n")[0]
        self.assertTrue(first.startswith("tulle: "), done)
        for word in says:
            self.assertRegex(first, rf"(?i)\b{re.escape(word)}", done)

    def limited(self, done, limit, seconds=20):
        """Ended by this limit, in time."""
        self.assertEqual(done.code, LIMIT, done)
        self.named(done, limit)
        self.in_time(done, seconds)

    def in_time(self, done, seconds):
        self.assertLess(done.seconds, self.start + seconds + 1, done)

    def box(self, *files):
        """A folder to grant, fresh, with these files."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / "box"
        folder.mkdir()
        for name in files:
            (folder / name).write_text(f"this is {name}")
        return folder


def grant(folder, mode=""):
    return "--dir", f"{folder}::/box{mode}"
