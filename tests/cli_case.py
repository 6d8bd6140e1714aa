"""What the tests of the command line share. The command to test is the first argument of the program."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from tiny_files import read_npy

ROOT = pathlib.Path(__file__).resolve().parents[1]
DIGITS = ROOT / "models/digits"
INT8, FLOAT32 = DIGITS / "digits_int8.tflite", DIGITS / "digits_float32.tflite"
TULLE = sys.argv.pop(1)
CACHE = tempfile.TemporaryDirectory()  # of packed weights, so that tests neither see nor leave any elsewhere


def tulle(*args, **environment):
    return subprocess.run([TULLE, *map(str, args)], capture_output=True, env={**os.environ, "XDG_CACHE_HOME": CACHE.name, **environment}, timeout=300)


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
