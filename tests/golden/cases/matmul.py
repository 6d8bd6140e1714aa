"""BATCH_MATMUL, and the two operators of the Fourier transform."""
import numpy as np

from builder import I32, K, X, Y
from case import single

PAIRS = (((3, 4), (4, 5)), ((2, 3, 4), (2, 4, 5)), ((2, 1, 3, 4), (1, 5, 4, 2)), ((3, 4), (2, 4, 5)), ((2, 3, 4), (4, 5)), ((1, 17), (17, 1)), ((2, 2, 3, 8), (2, 2, 8, 3)), ((2, 1, 2, 3, 4), (1, 2, 2, 4, 5)))


def flip(shape, swap):
    return shape[:-2] + (shape[-1], shape[-2]) if swap else shape


def cases():
    for number, (a, b) in enumerate(PAIRS):
        for x, y in ((False, False), (True, False), (False, True), (True, True)):
            label = f"{list(a)} {list(b)} adj {x} {y}"
            rest = {"adj_x": x, "adj_y": y}
            yield single("BATCH_MATMUL", "float32", label, [X(flip(a, x)), X(flip(b, y))], Y(), **rest)
            yield single("BATCH_MATMUL", "float32 constant", label, [X(flip(a, x)), K(flip(b, y), "float32")], Y(), **rest)
            for kind, q, out in (("int8", ((0.05, -7), (0.03, 12)), (0.4, 5)), ("int16", ((0.0004, 0), (0.0003, 0)), (0.002, 0))):
                yield single("BATCH_MATMUL", kind, label, [X(flip(a, x), kind, q[0]), X(flip(b, y), kind, q[1])], Y(kind, out), **rest)
            yield single("BATCH_MATMUL", "int8 constant", label, [X(flip(a, x), "int8", (0.05, 127)), K(flip(b, y), "int8", (0.03, 0))], Y("int8", (0.4, -128)), **rest)
            if len(b) < 4 and a[:-2] == b[:-2]:  # elsewhere the reference reads past its scales
                yield single("BATCH_MATMUL", "hybrid", label, [X(flip(a, x)), K(flip(b, y), "int8", (0.03, 0), low=-127)], Y(), **rest)
                yield single("BATCH_MATMUL", "hybrid", f"{label} asymmetric", [X(flip(a, x)), K(flip(b, y), "int8", (0.03, 0), low=-127)], Y(),
                             asymmetric_quantize_inputs=True, **rest)
            yield single("BATCH_MATMUL", "int8 to int32", label, [X(flip(a, x), "int8", (0.05, 0)), X(flip(b, y), "int8", (0.03, 0))], Y("int32", (0.0015, 0)), **rest)
    for shape, size in (((1, 4, 4), (4, 4)), ((2, 8, 2), (8, 2)), ((1, 1, 16), (1, 16)), ((3, 2, 8), (2, 8)), ((1, 6, 10), (4, 8)), ((1, 3, 5), (4, 8)), ((1, 1, 512), (1, 512))):
        yield single("RFFT2D", "float32", f"{list(shape)} length {list(size)}", [X(shape), I32(*size)], Y("complex64"))
    for op in ("COMPLEX_ABS", "REAL", "IMAG"):
        for shape in ((2, 3), (1, 4, 5, 2)):
            yield single(op, "complex64", f"{list(shape)}", [X(shape, "complex64")], Y())
