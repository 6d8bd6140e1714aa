"""MEAN, SUM, REDUCE_*: every axis list, both keep_dims."""
import itertools

import numpy as np

from builder import I32, K, X, Y
from case import single

AXES = (((3, 4), (0,)), ((3, 4), (-1,)), ((2, 5, 7, 3), (1, 2)), ((2, 5, 7, 3), (3,)), ((2, 3, 4), (0, 1, 2)), ((2, 3, 4), (1, 1, -2)), ((1, 3, 1, 5), (0, 2)),
        ((2, 3, 2, 3, 2), (1, 3)), ((17,), (0,)), ((2, 3), ()))
Q = {"int8": (((0.1, -5), (0.1, -5)), ((0.1, -5), (0.04, 30)), ((0.03, 127), (0.2, -128))),
     "uint8": (((0.1, 120), (0.1, 120)), ((0.1, 120), (0.04, 30))), "int16": (((0.001, 0), (0.001, 0)), ((0.001, 0), (0.0004, 0)))}


def cases():
    for op, kinds in (("MEAN", ("float32", "int8", "uint8", "int16", "int32", "int64")), ("SUM", ("float32", "int8", "uint8", "int16", "int32", "int64")),
                      ("REDUCE_PROD", ("float32", "int8", "int16", "int32", "int64")), ("REDUCE_MAX", ("float32", "int8", "uint8", "int16", "int32", "int64")),
                      ("REDUCE_MIN", ("float32", "int8", "uint8", "int16", "int32", "int64")), ("REDUCE_ANY", ("bool",)), ("REDUCE_ALL", ("bool",))):
        for kind in kinds:
            oracle = "opt" if op == "SUM" and kind in ("int8", "int16") else "ref"
            compare = {"mode": "steps", "max": 1} if oracle == "opt" else None
            small = {"low": -3, "high": 3}
            for number, ((shape, axes), keep) in enumerate(itertools.product(AXES, (False, True))):
                if kind not in ("float32", "int8", "bool", "uint8") and number % 3:
                    continue
                if op == "REDUCE_PROD" and kind in ("int8", "int16") and np.prod([shape[a] for a in axes]) > 5:
                    continue
                pairs = Q.get(kind, ((None, None),))
                if op in ("REDUCE_MAX", "REDUCE_MIN"):
                    pairs = ((pairs[0][0], pairs[0][0]),)
                a, b = pairs[number // 2 % len(pairs)]
                rest = small if op == "REDUCE_PROD" and kind in ("int32", "int64") else {}
                if op == "REDUCE_PROD" and kind == "int16":  # the reference wraps where the product leaves the range
                    rest = {"low": -2500, "high": 2500}
                yield single(op, kind, f"{list(shape)} axes {list(axes)} keep {keep} setting {pairs.index((a, b))}",
                             [X(shape, kind, a, **rest), K(np.array(axes, np.int32))], Y(kind, b), keep_dims=keep, oracle=oracle, compare=compare)
            a, b = Q.get(kind, ((None, None),))[0]
            rest = {} if op != "REDUCE_PROD" or a and kind == "int8" else {"low": -2000, "high": 2000} if a else small
            yield single(op, kind, "axes at run time", [X((3, 4, 2), kind, a, **rest), X((2,), "int32", data=[0, -1])], Y(kind, b), oracle=oracle,
                         compare=compare)
            yield single(op, kind, "scalar axis", [X((3, 4, 2), kind, a, **rest), K(np.array(1, np.int32))], Y(kind, b), oracle=oracle,
                         compare=compare)
    yield single("MEAN", "float32", "resized", [X((1, 1, 1, 3), signature=(-1, -1, -1, 3), run_shape=(2, 4, 5, 3)), I32(1, 2)], Y())
    for op in ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_PROD"):
        yield single(op, "float32", "an empty axis", [X((2, 0, 3)), I32(1)], Y())
    yield single("SUM", "uint8", "an empty axis", [X((2, 0, 3), "uint8", (0.1, 20)), I32(1)], Y("uint8", (0.1, 30)))
    for kind in ("int8", "uint8"):
        a = (0.02, -128 if kind == "int8" else 0)
        for b in ((0.02, a[1]), (0.005, a[1])):
            yield single("MEAN", kind, f"7x7 global to scale {b[0]}", [X((1, 7, 7, 17), kind, a), I32(1, 2)], Y(kind, b), keep_dims=True)
