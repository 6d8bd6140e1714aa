"""Operators with a memory: SVDF and the LSTM over a sequence; several runs on one session."""
import itertools

import numpy as np

from builder import Graph, K, N, V, X, Y
from case import Case

# A hybrid step rounds its state to 255 levels, where two maths libraries may round one level apart.
HYBRID = {"mode": "relative", "tolerance": 2e-3}


def svdf():
    for batch, depth, units, rank, memory in ((1, 3, 4, 1, 5), (2, 8, 5, 2, 7), (1, 17, 3, 1, 2), (3, 2, 1, 4, 3)):
        filters = units * rank
        for act, bias in (("NONE", True), ("RELU", False), ("RELU6", True)):
            label = f"batch {batch} depth {depth} units {units} rank {rank} memory {memory} {act}"
            for kind, weight, q in (("float32", "float32", None), ("hybrid", "int8", (0.01, 0))):
                for asymmetric in (False, True) if kind == "hybrid" else (False,):
                    yield Case("SVDF", kind, label + " asymmetric" * asymmetric, Graph([N(
                        "SVDF", [X((batch, depth), low=-1, high=1), K((filters, depth), weight, q, low=-1 if q is None else -127, high=1 if q is None else 127),
                                 K((filters, memory), weight, q, low=-1 if q is None else -127, high=1 if q is None else 127),
                                 K((units,), "float32", low=-1, high=1) if bias else None, V((batch, memory * filters))], [Y()],
                        rank=rank, fused_activation_function=act, asymmetric_quantize_inputs=asymmetric)]), runs=3,
                        compare=HYBRID if kind == "hybrid" else None)
            if act == "RELU":
                for kind, state, time in (("int8 int16-state", "int16", "int16"), ("int8 int8-state", "int8", "int8")):
                    scale = 0.0005 if state == "int16" else 0.05
                    yield Case("SVDF", kind, label, Graph([N(
                        "SVDF", [X((batch, depth), "int8", (0.05, -7)), K((filters, depth), "int8", (0.01, 0), low=-127),
                                 K((filters, memory), time, (0.0001 if time == "int16" else 0.01, 0), low=-127 if time == "int8" else -9000, high=127 if time == "int8" else 9000),
                                 K((units,), "int32", (scale * 0.0001, 0), low=-9000, high=9000), V((batch, memory * filters), state, (scale, 0))],
                        [Y("int8", (0.1, -128))], rank=rank, fused_activation_function=act)]), runs=3)


GATES = ("input", "forget", "cell", "output")


def lstm_values(kind, batch, steps, depth, cells, outputs, cifg, peephole, projection, norm, time_major):
    """Inputs and intermediates of the operator in the order of the schema; an absent one is None."""
    floats, integer = kind == "float32", kind == "int8"
    shape = (steps, batch, depth) if time_major else (batch, steps, depth)

    def matrix(rows, columns, span=0.5):
        if floats:
            return K((rows, columns), "float32", low=-span, high=span)
        return K((rows, columns), "int8", (span / 127, 0), low=-127)

    def vector(span, scale):
        if not integer and kind != "hybrid":
            return K((cells,), "float32", low=-span, high=span)
        if kind == "hybrid" and scale is None:
            return K((cells,), "int8", (span / 127, 0), low=-127)
        return K((cells,), "float32", low=-span, high=span) if kind == "hybrid" else K((cells,), "int16", (scale, 0), low=-9000, high=9000)

    def bias(size):
        return K((size,), "int32", (0.0001, 0), low=-2000, high=2000) if integer else K((size,), "float32", low=-0.5, high=0.5)

    keep = [not (cifg and gate == "input") for gate in GATES]
    x = X(shape, "int8" if integer else "float32", (0.02, 5) if integer else None, low=None if integer else -2, high=None if integer else 2)
    peep = [vector(0.5, None if kind == "hybrid" else 2 ** -15) if peephole and keep[i] else None for i in (0, 1, 3)]
    values = ([x] + [matrix(cells, depth) if k else None for k in keep] + [matrix(cells, outputs) if k else None for k in keep] + peep +
              [bias(cells) if k else None for k in keep] +
              [matrix(outputs, cells) if projection else None, bias(outputs) if projection == "bias" else None] +
              [V((batch, outputs), "int8", (0.01, 3)) if integer else V((batch, outputs)),
               V((batch, cells), "int16", (2 ** -11, 0)) if integer else V((batch, cells))] +
              [vector(1.0, 2 ** -14) if norm and k else None for k in keep])
    intermediates = [Y("int16", (0.002, 0), [1], name=f"{g}_gate") for g in GATES] + [Y("int8", (0.01, 3), [1], name="hidden")] if integer else []
    return values, intermediates


LSTM_FORMS = [  # cifg, peephole, projection, layer norm, time major
    (False, False, None, False, False), (False, False, None, False, True), (True, False, None, False, False), (False, True, None, False, True),
    (True, True, None, False, False), (False, False, "bias", False, False), (False, False, "plain", False, True), (False, False, None, True, False),
    (True, True, "bias", True, True), (False, True, "plain", True, False)]


def lstm():
    sizes = itertools.cycle(((1, 3, 5, 4), (2, 4, 3, 8), (3, 2, 1, 5), (1, 6, 17, 3)))
    for kind in ("float32", "hybrid", "hybrid asymmetric", "int8"):
        for cifg, peephole, projection, norm, time_major in LSTM_FORMS:
            batch, steps, depth, cells = next(sizes)
            outputs = cells - 1 if projection else cells
            for cell_clip, projection_clip in ((0.0, 0.0), (0.7, 0.3 if projection else 0.0)):
                values, intermediates = lstm_values(kind.split()[0], batch, steps, depth, cells, outputs, cifg, peephole, projection, norm, time_major)
                label = " ".join(filter(None, [f"{batch}x{steps}x{depth} cells {cells}", cifg and "cifg", peephole and "peephole",
                                               projection and f"projection {projection}", norm and "norm", time_major and "time-major", cell_clip and "clipped"]))
                yield Case("UNIDIRECTIONAL_SEQUENCE_LSTM", kind, label, Graph([N(
                    "UNIDIRECTIONAL_SEQUENCE_LSTM", values, [Y("int8", (0.01, 3)) if kind == "int8" else Y()], intermediates,
                    fused_activation_function="TANH", cell_clip=cell_clip, proj_clip=projection_clip, time_major=time_major,
                    asymmetric_quantize_inputs=kind.endswith("asymmetric"))]), runs=3, compare=HYBRID if kind.startswith("hybrid") else None)


def cases():
    yield from svdf()
    yield from lstm()
