"""Asks LiteRT what a model answers: every run in a process of its own, with a time limit and dirtied memory.

A child is forked from the generator (the interpreter is loaded once), told by mallopt to fill fresh memory with a given
byte, and reports through a pipe. A refusal, a crash and a hang are answers too.
"""
import ctypes
import os
import pickle
import resource
import select
import signal
import time

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

RESOLVERS = {
    "litert-2.3.0-ref": OpResolverType.BUILTIN_REF,
    "litert-2.3.0-opt": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
}
REF, OPT = RESOLVERS
PERTURB_OPTION = -6  # M_PERTURB of <malloc.h>
SECONDS = 20


def answer(model, runs, resolver):
    """Outputs of each run, one session for all; an input whose shape differs from the model's is resized first."""
    session = Interpreter(model_content=model, experimental_op_resolver_type=RESOLVERS[resolver], num_threads=1)
    answers, inputs, fresh = [], session.get_input_details(), True
    for run in runs:
        for detail, array in zip(inputs, run):
            if list(session.get_tensor_details()[detail["index"]]["shape"]) != list(array.shape):
                session.resize_tensor_input(detail["index"], array.shape)
                fresh = True
        if fresh:
            session.allocate_tensors()
            fresh = False
        for detail, array in zip(inputs, run):
            session.set_tensor(detail["index"], array)
        session.invoke()
        answers.append([content(session, detail) for detail in session.get_output_details()])
    return answers


def content(session, detail):
    """A result as an array; the interpreter hands out none where the result is empty."""
    return np.empty(detail["shape"], detail["dtype"]) if 0 in detail["shape"] else np.array(session.get_tensor(detail["index"]))


def shapes(model, runs, resolver):
    """Per tensor of the main graph: its shape before and after the first run."""
    session = Interpreter(model_content=model, experimental_op_resolver_type=RESOLVERS[resolver], num_threads=1)
    for detail, array in zip(session.get_input_details(), runs[0]):
        session.resize_tensor_input(detail["index"], array.shape)
    session.allocate_tensors()
    look = lambda: [d["shape"].tolist() for d in session.get_tensor_details()]
    before = look()
    for detail, array in zip(session.get_input_details(), runs[0]):
        session.set_tensor(detail["index"], array)
    session.invoke()
    return list(zip(before, look()))


def ask(model, runs, resolver, perturb, question=answer):
    """("ok", outputs), ("refused", message), ("crashed", signal) or ("hung", seconds)."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        ctypes.CDLL(None).mallopt(PERTURB_OPTION, perturb)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 2)
        try:
            report = ("ok", question(model, runs, resolver))
        except (RuntimeError, ValueError) as error:
            report = ("refused", str(error))
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(report, pipe)
        os._exit(0)
    os.close(writer)
    data, limit = b"", time.monotonic() + SECONDS
    while True:
        ready, _, _ = select.select([reader], [], [], max(0, limit - time.monotonic()))
        if not ready:
            os.kill(child, signal.SIGKILL)
            break
        part = os.read(reader, 1 << 20)
        if not part:
            break
        data += part
    os.close(reader)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return ("hung", SECONDS) if number == signal.SIGKILL else ("crashed", signal.Signals(number).name)
    return pickle.loads(data) if data else ("crashed", f"exit {os.WEXITSTATUS(status)}")


def same(first, second):
    return all(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
               for one, two in zip(first, second) for a, b in zip(one, two))


def settled(model, runs, resolver):
    """The answer of a resolver if two processes with differently dirtied memory agree on it."""
    first = ask(model, runs, resolver, 0x5A)
    if first[0] != "ok":
        return first
    second = ask(model, runs, resolver, 0xC3)
    if second[0] != "ok":
        return second
    return first if same(first[1], second[1]) else ("unstable", "the answer changes from process to process")


def difference(expected, found):
    """How far two settled answers are apart: (largest step between integers, largest float error over the range)."""
    steps, error = 0, 0.0
    for one, two in zip(expected, found):
        for a, b in zip(one, two):
            if a.shape != b.shape:
                return float("inf"), float("inf")
            if a.size == 0:
                continue
            if a.dtype.kind in "iub":
                steps = max(steps, int(np.max(np.abs(a.astype(object) - b.astype(object)))))
            elif a.dtype.kind in "fc":
                error = max(error, spread_error(a, b))
    return steps, error


def spread_error(a, b):
    """Largest error over the scale of a: max(largest - smallest, largest magnitude) of its finite parts."""
    if a.dtype.kind == "c":
        a, b = np.atleast_1d(a).view(np.float32), np.atleast_1d(b).view(np.float32)
    a, b = a.astype(np.float64), b.astype(np.float64)
    if not np.array_equal(np.isnan(a), np.isnan(b)):
        return float("inf")
    finite = np.isfinite(a)
    if not np.array_equal(a[~finite & ~np.isnan(a)], b[~finite & ~np.isnan(a)]):
        return float("inf")
    if not finite.any():
        return 0.0
    scale = max(a[finite].max() - a[finite].min(), np.abs(a[finite]).max()) or 1.0
    return float(np.abs(a[finite] - b[finite]).max() / scale)
