"""Operators of two values of one type: arithmetic, comparison, logic; every broadcast pattern."""
import itertools

import numpy as np

from builder import K, X, Y
from case import single

PAIRS = (((2, 3, 4, 5), (2, 3, 4, 5)), ((1, 4, 5, 8), (8,)), ((3, 7), ()), ((), (2, 3)), ((1,), (5,)), ((4, 1, 5), (1, 6, 5)),
         ((1, 3, 1), (2, 1, 4)), ((2, 1, 3, 1, 2), (1, 4, 3, 2, 1)), ((2, 1, 2, 1, 3, 1), (1, 3, 2, 2, 1, 2)),
         ((1, 2, 3, 17), (1, 1, 1, 17)), ((1, 5, 3, 2), (1, 5, 3, 1)), ((17,), (17,)), ((2, 3, 5), (2, 3, 5)))
FEW = PAIRS[:2] + PAIRS[5:6] + PAIRS[7:8]
SETTINGS = {  # scale and zero point of both inputs and the result
    "int8": (((0.1, 3), (0.07, -20), (0.13, 5)), ((0.02, -128), (0.3, 127), (0.05, 0)), ((0.1, 0), (0.1, 0), (0.004, -128)),
             ((0.003, -100), (0.9, 11), (1.7, 127))),
    "uint8": (((0.1, 131), (0.07, 108), (0.13, 133)), ((0.02, 0), (0.3, 255), (0.05, 128)), ((0.1, 128), (0.1, 128), (0.004, 0))),
    "int16": (((0.0004, 0), (0.0007, 0), (0.0009, 0)), ((2 ** -11, 0), (2 ** -12, 0), (2 ** -11, 0)), ((0.01, 0), (0.0002, 0), (0.001, 0))),
}
ACTIVATIONS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1", )


def settings(kind):
    return SETTINGS.get(kind, ((None, None, None),))


def nonzero(rng, shape, kind):
    """Values for a divisor: none is 0, signs differ."""
    low, high = (-9, 9) if not kind.startswith("uint") else (1, 19)
    data = rng.integers(low, high, shape, endpoint=True).astype(np.float64)
    data[data == 0] = 3
    return data + (0.37 if kind.startswith("float") else 0)


def fused(op, kinds, oracle="ref"):
    """ADD, SUB, MUL, DIV: broadcasts, fused activations, a constant operand."""
    acts = itertools.cycle(ACTIVATIONS)
    for kind in kinds:
        options = settings(kind)
        for number, (left, right) in enumerate(PAIRS if kind in ("float32", "int8") else FEW):
            a, b, c = options[number % len(options)]
            act = next(acts)
            yield single(op, kind, f"{list(left)} {list(right)} {act}", [dividend(op, left, kind, a), divisor(op, right, kind, b)], Y(kind, c),
                         fused_activation_function=act)
        for number, (a, b, c) in enumerate(options):
            for act in ACTIVATIONS:
                yield single(op, kind, f"setting {number} {act}", [dividend(op, (3, 50), kind, a), divisor(op, (3, 50), kind, b)], Y(kind, c),
                             fused_activation_function=act)
        a, b, c = options[0]
        if op != "DIV":
            yield single(op, kind, "constant second", [X((2, 5, 3), kind, a), K((3,), kind, b)], Y(kind, c))
            yield single(op, kind, "constant first", [K((1, 3), kind, a), X((5, 3), kind, b)], Y(kind, c))
            yield single(op, kind, "constant scalar", [X((2, 5, 3), kind, a), K((), kind, b)], Y(kind, c))
            yield single(op, kind, "empty", [X((0, 3), kind, a), X((0, 3), kind, b)], Y(kind, c))
            yield single(op, kind, "resized", [X((1, 3), kind, a, signature=(-1, 3), run_shape=(4, 3)), X((3,), kind, b)], Y(kind, c))


def dividend(op, shape, kind, q):
    """Well away from the zero point for a quantised DIV: the reference gets small quotients wrong."""
    if op != "DIV" or q is None:
        return X(shape, kind, q)
    data = np.random.default_rng(sum(shape)).integers(0, 255, shape, endpoint=True)
    return X(shape, kind, q, data=np.where(abs(data - q[1]) < 30, (data + 80) % 256, data))


def divisor(op, shape, kind, q):
    if op not in ("DIV", "FLOOR_DIV", "FLOOR_MOD"):
        return X(shape, kind, q)
    rng = np.random.default_rng(sum(shape) + len(kind))
    if q is None:
        return X(shape, kind, q, data=nonzero(rng, shape, kind))
    data = q[1] + nonzero(rng, shape, "int8") * 7  # well away from the zero point
    low, high = (-128, 127) if kind == "int8" else (0, 255)
    return X(shape, kind, q, data=np.where((data < low) | (data > high), 2 * q[1] - data, data).clip(low, high))


def plain(op, kinds, result=None, pairs=PAIRS, right=None):
    """No fused activation: the quantised types need one setting for all three where the kernel demands it."""
    for kind in kinds:
        for number, (first, second) in enumerate(pairs if kind in ("float32", "int32", "int8") else FEW):
            q = {"int8": (0.1, -5), "uint8": (0.1, 120), "int16": None if result else (0.001, 0)}.get(kind)
            q = None if op.startswith("FLOOR") else q  # these work on the bare integers
            q2 = q if result is None or op in ("MAXIMUM", "MINIMUM") else {"int8": (0.07, 12), "uint8": (0.05, 99)}.get(kind, q)
            a = X(first, kind, q)
            b = divisor(op, second, kind, q2) if right is None else right(second, kind)
            if result and kind != "bool":  # comparisons: few distinct values, so that equal ones meet
                a.low, a.high, b.low, b.high = (0, 3, 0, 3) if a.q is None else (a.q[1] - 4, a.q[1] + 4, b.q[1] - 6, b.q[1] + 6)
                if kind.startswith("float"):
                    rng = np.random.default_rng(number)
                    a.data, b.data = rng.integers(0, 4, first) / 2, rng.integers(0, 4, second) / 2
            yield single(op, kind, f"{list(first)} {list(second)}", [a, b], Y(result or kind, None if result else q))


def extremes(op, result="float32", spread=True):
    special = np.array([0.0, -0.0, 1, -1, np.inf, -np.inf, np.nan, 3e38, -3e38, 1e-40], np.float32)
    left, right = special.reshape(10, 1), special.reshape(1, 10)
    if not spread:
        left, right = np.repeat(left, 10, 1), np.repeat(right, 10, 0)
    yield single(op, "float32", "infinities, NaN, denormals", [X(left.shape, data=left), X(right.shape, data=right)], Y(result))


def int32_extremes(op):
    edge = np.array([-2 ** 31, -2 ** 31 + 1, -1, 0, 1, 2 ** 31 - 1])
    yield single(op, "int32", "edges", [X((6, 1), "int32", data=edge.reshape(6, 1)), X((1, 6), "int32", data=edge.reshape(1, 6))], Y("int32"))


def squared_difference():
    for kind in ("float32", "int32", "int8"):
        for number, (left, right) in enumerate(PAIRS if kind == "int8" else FEW):
            a, b, c = settings(kind)[number % len(settings(kind))]
            yield single("SQUARED_DIFFERENCE", kind, f"{list(left)} {list(right)}", [X(left, kind, a), X(right, kind, b)],
                         Y(kind, c and (c[0] * 20, c[1])))


def cases():
    yield from fused("ADD", ("float32", "int8", "uint8", "int16", "int32", "int64"))
    yield from fused("SUB", ("float32", "int8", "uint8", "int16", "int32", "int64"))
    yield from fused("MUL", ("float32", "int8", "uint8", "int16", "int32", "int64"))
    for kind, code in (("int8", 3), ("int16", 0)):
        yield single("MUL", kind, "a constant of scale 0", [X((2, 3), kind, (0.1, code)), K((3,), kind, (0.0, 0), low=0, high=0)], Y(kind, (0.1, code)))
    yield single("MUL", "complex64", "", [X((2, 3), "complex64"), X((2, 3), "complex64")], Y("complex64"))
    yield from fused("DIV", ("float32", "int32", "uint8"))
    for op in ("ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE"):
        yield from extremes(op)
    for op in ("ADD", "SUB", "MUL"):
        yield from int32_extremes(op)
    for op in ("MAXIMUM", "MINIMUM"):
        yield from plain(op, ("float32", "int8", "uint8", "int16", "int32", "int64"))
    yield from squared_difference()
    for op in ("FLOOR_DIV", "FLOOR_MOD"):
        yield from plain(op, ("float32", "int32", "int64", "int8", "int16"), pairs=FEW + PAIRS[2:5])
    yield from plain("POW", ("float32", "int32"), right=lambda shape, kind: X(shape, kind, low=0, high=3))
    yield single("POW", "float32", "positive base", [X((4, 9), low=0, high=3), X((4, 9), low=-3, high=3)], Y())
    for op in ("EQUAL", "NOT_EQUAL"):
        yield from plain(op, ("float32", "int32", "int64", "int8", "uint8", "bool", "int16"), "bool")
        yield from extremes(op, "bool")
    for op in ("LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL"):
        yield from plain(op, ("float32", "int32", "int64", "int8", "uint8", "int16"), "bool")
        yield from extremes(op, "bool")
    for op in ("LOGICAL_AND", "LOGICAL_OR"):
        yield from plain(op, ("bool",), "bool", PAIRS)
    for shape in ((3, 40), (2, 1, 3, 2)):
        yield single("ATAN2", "float32", f"{list(shape)}", [X(shape), X(shape)], Y())
    yield from extremes("ATAN2", spread=False)
    for left, right in FEW:
        for op in ("BITWISE_XOR", "RIGHT_SHIFT"):
            for kind in ("int8", "uint8", "int16", "uint16", "int32", "uint32"):
                b = X(right, kind, low=0, high=7) if op == "RIGHT_SHIFT" else X(right, kind)
                yield single(op, kind, f"{list(left)} {list(right)}", [X(left, kind), b], Y(kind))
