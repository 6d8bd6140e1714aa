"""Sets of arrays in one .npz file: inputs that a model is fed with, outputs that it gives."""
import numpy as np


def write_sets(path, sets):
    np.savez(path, **{f"{s}-{i}": array for s, arrays in enumerate(sets) for i, array in enumerate(arrays)})


def read_sets(path):
    with np.load(path) as found:
        count = 1 + max(int(key.split("-")[0]) for key in found.files)
        return [
            [found[f"{s}-{i}"] for i in range(sum(key.startswith(f"{s}-") for key in found.files))]
            for s in range(count)
        ]
