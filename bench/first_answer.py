"""Child of run.py, fresh for each figure: time from the file to the first answer, peak memory that this adds.

    first_answer.py ENGINE MODEL INPUTS.npz [PACK]

Before: the library is loaded, inputs are made, the file is in the system's cache, and so is Tulle's file of packed
weights, if one is given. One thread. Prints one JSON line.
"""
import gc
import json
import os
import pathlib
import sys
import time

from engines import engine
from sets import read_sets


def status(field):
    """Kilobytes of a field of /proc/self/status."""
    for line in pathlib.Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise KeyError(field)


def forget_peak():
    """Makes VmHWM start again from what is resident now."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def main(name, path, inputs, *pack):
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    module, arrays = engine(name), read_sets(inputs)[0]
    module.load_library()
    gc.collect()
    gc.disable()
    forget_peak()
    before = status("VmRSS")
    start = time.perf_counter_ns()
    try:
        held = module.Engine(path, 1, arrays, *pack)
        held.run()
        took = time.perf_counter_ns() - start
        result = {"ms": took * 1e-6, "peak_kb": status("VmHWM") - before}
    except Exception as error:  # engines' errors have no common type  pylint: disable=broad-exception-caught
        result = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(result), file=answer, flush=True)
    os._exit(0)  # some engines crash while they are taken down; nothing is left to write


if __name__ == "__main__":
    main(*sys.argv[1:])
