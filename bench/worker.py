"""Child of run.py: holds one engine with one model and does what it is told, a JSON line in, a JSON line out.

    worker.py ENGINE MODEL THREADS INPUTS.npz

{"do": "load"} loads and runs once; {"do": "outputs", "to": FILE} runs each set of inputs and writes what came out;
{"do": "turn", "seconds": s} times single runs for that long and answers their nanoseconds. What goes wrong is
answered as {"error": …}.
"""
import ctypes
import gc
import json
import os
import signal
import sys
import time

from engines import engine
from sets import read_sets, write_sets

SETTLE = 0.2  # share of a turn that is run but not counted, after the others have had the caches
SLOW = 0.05  # seconds; a longer run needs no settling


class Worker:
    def __init__(self, name, path, threads, inputs):
        self.module, self.path, self.threads, self.sets = engine(name), path, int(threads), read_sets(inputs)
        self.engine, self.last = None, 0.0

    def load(self, _):
        self.module.load_library()
        self.engine = self.module.Engine(self.path, self.threads, self.sets[0])
        self.timed_run()
        return {}

    def timed_run(self):
        clock, run = time.perf_counter_ns, self.engine.run
        start = clock()
        run()
        took = clock() - start
        self.last = took * 1e-9
        return took

    def outputs(self, command):
        found = []
        for arrays in self.sets:
            self.engine.reset()
            self.engine.set_inputs(arrays)
            self.engine.run()
            found.append(self.engine.outputs())
        self.engine.set_inputs(self.sets[0])
        write_sets(command["to"], [[array for _, array in outputs] for outputs in found])
        return {"names": [name for name, _ in found[0]]}

    def turn(self, command):
        start = time.perf_counter()
        while self.last < SLOW and time.perf_counter() - start < SETTLE * command["seconds"]:
            self.timed_run()
        times = []
        while not times or time.perf_counter() - start < command["seconds"]:
            times.append(self.timed_run())
        return {"nanoseconds": times}


def die_with_parent():
    """A stopped process would not notice that nobody is there to wake it."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def main(arguments):
    die_with_parent()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what an engine prints must not come between the answers
    worker = Worker(*arguments)
    gc.disable()
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = getattr(worker, command["do"])(command)
        except Exception as error:  # engines' errors have no common type  pylint: disable=broad-exception-caught
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
