#!/usr/bin/env python3
"""Looks for cases that the golden vectors miss: seeded random models of one operator, answered by LiteRT's reference kernels.

    explore.py --seed 1 --cases 500 -o DIR              every operator below
    explore.py --seed 1 --cases 500 -o DIR CONV_2D ADD  these only
    TULLE_GOLDEN=DIR build/tests/golden_test            compares

DIR gets vectors in the format of make_golden.py. A case's name begins with seed/number: the same pair makes the same case
whatever the count. What the oracle refuses, crashes on or answers differently from run to run is counted and left out,
and so is what docs/exactness.md lists as the oracle's own error.
"""
import argparse
import collections
import copy
import pathlib

import numpy as np

import draws_moves  # noqa: F401  registers its makers
import make_golden
import oracle
import report
from builder import I32, Graph, N, Y
from draws import COPIED, MAKERS, Draw

NO_REFERENCE = {"ELU", "CEIL", "ROUND"}


def amid(d, case):
    """The same case inside a graph: its inputs and first result pass through nodes, so that memory is shared and kept apart."""
    graph, nodes = case.graphs[0], list(case.graphs[0].nodes)
    through = lambda value, other: N("TRANSPOSE", [value, I32(*range(len(value.shape)))], [other])
    inputs = []
    for value in graph.inputs:
        inputs.append(value)
        if value.dtype in COPIED and 0 < len(value.shape) < 6 and d.chance(0.7):
            inputs[-1] = copy.copy(value)
            value.kind, value.data, value.each, value.run_shape = "result", None, None, None
            nodes.insert(0, through(inputs[-1], value))
    outputs = list(graph.outputs)
    if outputs[0].dtype in COPIED and d.chance(0.5):
        make_golden.shape_results(case)
        middle = outputs[0]
        if middle.shape and len(middle.shape) < 6:
            outputs[0] = Y(middle.dtype, middle.q)
            nodes.append(through(middle, outputs[0]))
    case.graphs = [Graph(nodes, inputs=inputs, outputs=outputs)]


def drift(d, case):
    """The last bits of one scale differ from what they should be, as converters write them."""
    operands = [v for n in case.graphs[0].nodes for v in [*n.inputs, *n.outputs] if v is not None and v.q]
    if operands:
        value = d.choice(operands)
        scale = np.float32(value.q[0]) * np.float32(d.choice((1 + 1e-6, 1.0005) if value.dtype in ("int8", "uint8") else (1 + 1e-6,)))
        value.q = (scale.tolist(), *value.q[1:])


def told(value):
    """An operand in a case's name: type, shape, quantisation, and the content of indices."""
    if value is None:
        return "-"
    text = f"{value.kind[0]}:{value.dtype}{value.shape if value.shape is not None else ''}".replace(" ", "")
    if value.q:
        scale = np.atleast_1d(value.q[0])
        text += f"@{scale[0]:.4g}" + ("…" if scale.size > 1 else "") + (f"z{value.q[1]}" if np.ndim(value.q[1]) == 0 else "z…")
    if value.each is not None:
        text += "×" + "/".join(str(a.shape[0]) for a in value.each)
    if value.data is not None and not isinstance(value.data, bytes) and np.asarray(value.data).dtype.kind == "i" and np.size(value.data) <= 12:
        text += "=" + str(np.asarray(value.data).tolist()).replace(" ", "")
    return text


def explore(op, seed, count):
    """The vectors of an operator and, counted, why cases were left out."""
    vectors, dropped = [], collections.Counter()
    for number in range(count):
        d = Draw(f"{seed} {op} {number}")
        case = MAKERS[op](d, op)
        node = case.graphs[0].nodes[-1]
        if d.chance(0.05):
            drift(d, case)
        if d.chance(0.3):
            amid(d, case)
        case.name = " ".join([f"{seed}/{number}", *(n.op for n in case.graphs[0].nodes), case.kind, *map(told, [*node.inputs, *node.outputs]),
                              *(f"{k}={v}" for k, v in node.attributes.items() if v)])
        vector, reason, _ = make_golden.judge(case)
        if vector and vector[0]["oracle"] == oracle.OPT and op not in NO_REFERENCE:
            vector, reason = None, "only the optimised kernels answer"
        if vector:
            vectors.append(vector)
        else:
            dropped[report.plain(reason)[:90]] += 1
    return vectors, dropped


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("ops", nargs="*", metavar="OP", choices=[[], *MAKERS])
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    for op in arguments.ops or MAKERS:
        vectors, dropped = explore(op, arguments.seed, arguments.cases)
        if vectors:
            (arguments.output / make_golden.path_of(op).name).write_bytes(make_golden.packed(vectors))
        print(f"{op}: {len(vectors)} cases, {sum(dropped.values())} left out", *(f"  {n} × {why}" for why, n in dropped.most_common(4)), sep="\n", flush=True)


if __name__ == "__main__":
    main()
