"""What a model is fed with in the benchmark, and what the reference kernels answer to it (kept in the cache)."""
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import model_file
from sets import read_sets, write_sets

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "models"))
import inputs  # noqa: E402

SETS = 3
SECONDS = 300


def shared():
    return pathlib.Path(os.environ.get("TULLE_SHARED") or ROOT.parent / "shared")


def input_sets(model):
    """Pictures (or a sentence) where there are some, and noise; the first set is what is timed."""
    details = model_file.describe(model)["inputs"]
    single = [arrays for label, arrays in inputs.inputs_of(model.stem, details, shared()) if "batch" not in label]
    return single[:SETS]


def ask(oracle, model, arrays, folder):
    given, answered = folder / "in.npz", folder / "out.npz"
    np.savez(given, **{f"i{i}": array for i, array in enumerate(arrays)})
    command = [
        sys.executable,
        str(ROOT / "tests" / "models" / "ask_oracle.py"),
        oracle,
        "run",
        str(model),
        str(given),
        str(answered),
    ]
    subprocess.run(command, check=True, timeout=SECONDS, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with np.load(answered) as found:
        return [found[f"o{i}"] for i in range(len(found.files))]


def expected_sets(model, sets, cache):
    """The judge's outputs for each set, or None where the judge cannot run the model."""
    digest = hashlib.sha256(model.read_bytes())
    for array in (array for arrays in sets for array in arrays):
        digest.update(array.tobytes())
    kept = cache / f"{digest.hexdigest()[:24]}.npz"
    if not kept.exists():
        oracle = "micro" if model.stem in inputs.MICRO else "litert"
        try:
            with tempfile.TemporaryDirectory() as folder:
                answers = [ask(oracle, model, arrays, pathlib.Path(folder)) for arrays in sets]
        except (subprocess.SubprocessError, OSError):
            return None
        cache.mkdir(parents=True, exist_ok=True)
        write_sets(kept, answers)
    return read_sets(kept)
