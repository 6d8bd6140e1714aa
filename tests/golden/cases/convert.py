"""QUANTIZE, DEQUANTIZE, CAST, BITCAST: from type to type."""
import itertools

import numpy as np

from builder import Graph, K, N, X, Y
from case import Case, single
from cases.activation import EVERY, every

SCALES = {"int8": ((0.1, -10), (0.02, 127), (0.9, -128)), "uint8": ((0.1, 120), (0.02, 255), (0.9, 0)),
          "int16": ((0.001, 0), (0.0004, 0), (0.003, 0)), "int32": ((0.01, 0), (0.0001, 0), (0.5, 0))}
# a quotient beyond 32 bits is undefined in the reference
EDGES = np.array([0, -0.0, 0.05, -0.05, 0.15, 0.25, 1e5, -1e5, 8e5, -8e5, 12.75, -12.85, 1e-30]).reshape(1, 13)


def quantize():
    for kind in ("int8", "uint8", "int16"):
        for number, q in enumerate(SCALES[kind]):
            yield single("QUANTIZE", f"float32 to {kind}", f"setting {number}", [X((3, 41), low=-15, high=15)], Y(kind, q))
            yield single("QUANTIZE", f"float32 to {kind}", f"edges {number}", [X((1, 13), data=EDGES)], Y(kind, q))
    halves = (np.arange(-40, 40) + 0.5) * 0.125
    for kind in ("int8", "uint8", "int16"):
        yield single("QUANTIZE", f"float32 to {kind}", "halves", [X((80,), data=halves)], Y(kind, (0.125, 0 if kind != "uint8" else 128)))
        channels = ([0.1, 0.02, 0.5], [0, 0, 0], 2)
        yield single("QUANTIZE", f"float32 to {kind}", "per channel", [X((2, 4, 3), low=-8, high=8)], Y(kind, channels))
    for kind, result in itertools.product(("int8", "uint8", "int16", "int32"), ("int8", "uint8", "int16", "int32")):
        for number, (a, b) in enumerate(zip(SCALES[kind], SCALES[result][1:] + SCALES[result][:1])):
            x = every(kind, a) if kind in EVERY else X((2, 60), kind, a, low=-5000, high=5000)
            yield single("QUANTIZE", f"{kind} to {result}", f"setting {number}", [x], Y(result, b))
        x = every(kind, (0.1, 0)) if kind in EVERY else X((2, 60), kind, (0.1, 0), low=-300, high=300)
        yield single("QUANTIZE", f"{kind} to {result}", "same scale", [x], Y(result, (0.1, 0)))


def dequantize():
    for kind in ("int8", "uint8", "int16"):
        for number, q in enumerate(SCALES[kind]):
            yield single("DEQUANTIZE", kind, f"setting {number}", [every(kind, q)], Y())
    yield single("DEQUANTIZE", "int32", "", [X((2, 9), "int32", (0.01, 0), low=-9000, high=9000)], Y())
    for axis, shape in ((0, (3, 4, 2)), (1, (4, 3, 2)), (3, (1, 2, 2, 3))):
        for kind, zero in (("int8", [0, 0, 0]), ("int8", [3, -4, 0]), ("uint8", [120, 128, 0])):
            yield single("DEQUANTIZE", f"{kind} per-channel", f"axis {axis} zero {zero}", [X(shape, kind, ([0.1, 0.02, 0.5], zero, axis))], Y())
    halves = np.concatenate([np.linspace(-5, 5, 40), [65504, -65504, 6e-8, -6e-8, 6.2e-5, np.inf, -np.inf, np.nan, 0, -0.0]])
    yield single("DEQUANTIZE", "float16", "", [X((50,), "float16", data=halves)], Y())
    y, z = Y(), Y()
    yield Case("DEQUANTIZE", "float16", "constant", Graph([
        N("DEQUANTIZE", [K(halves.astype(np.float16)[:40].reshape(8, 5))], [y]), N("ADD", [X((8, 5)), y], [z])]))
    for shape in ((4, 6), (3, 5), (7,)):
        for q, label in (((0.3, 0), "per-tensor"), (([0.1 * (i + 1) for i in range(shape[0])], 0, 0), "per-channel")):
            y, z = Y(), Y()
            yield Case("DEQUANTIZE", f"int4 {label}", f"{list(shape)}", Graph([
                N("DEQUANTIZE", [K(shape, "int4", q, low=-8)], [y]), N("ADD", [X(shape), y], [z])]))


def cast():
    kinds = ("float32", "int32", "int64", "uint8", "int8", "int16", "uint16", "uint32", "bool", "float64", "float16", "complex64")
    for kind, result in itertools.product(kinds, kinds):
        # the value must fit the result: what a conversion out of range gives is left to the machine
        if kind == "bool" or kind == "complex64":
            x = X((3, 7), kind)
        elif result == "bool":
            x = X((3, 7), kind, data=np.arange(21).reshape(3, 7) % 3 * 0.75)
        else:
            x = X((3, 7), kind, low=0 if kind.startswith("u") or result.startswith("u") else -100, high=100)
        if kind == "complex64" and result != "complex64":
            continue
        yield single("CAST", f"{kind} to {result}", "", [x], Y(result), in_data_type=kind.upper(), out_data_type=result.upper())
    wide = np.array([[-129, 255, 256, 65535, 65536, 2 ** 31 - 1, -2 ** 31]])
    for result in ("int8", "uint8", "int16", "uint16", "bool", "float32"):
        yield single("CAST", f"int32 to {result}", "wraps", [X((1, 7), "int32", data=wide)], Y(result), in_data_type="INT32",
                     out_data_type=result.upper())
    fractions = np.array([[0.5, 0.99, -0.5, -0.99, 1.5, 2.5, -1.5, -2.5, 0.0]])
    for result in ("int32", "int64", "int8", "uint8", "int16", "bool"):
        low = np.abs(fractions) if result == "uint8" else fractions
        yield single("CAST", f"float32 to {result}", "towards zero", [X((1, 9), data=low)], Y(result), in_data_type="FLOAT32",
                     out_data_type=result.upper())
    for kind, result in (("float32", "int32"), ("int32", "float32"), ("int16", "uint16"), ("int32", "uint32")):
        yield single("BITCAST", f"{kind} to {result}", "", [X((3, 4), kind)], Y(result))


def cases():
    yield from quantize()
    yield from dequantize()
    yield from cast()
