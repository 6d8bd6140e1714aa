"""Operators that pick boxes or intervals: non-maximum suppression and BUCKETIZE."""
import numpy as np

from builder import Graph, K, N, X, Y
from case import Case, single


def scalar(value):
    return K(np.array(value, np.float32))


def boxes(rng, count):
    corner = rng.random((count, 2))
    made = np.concatenate([corner, corner + 0.2 + 0.3 * rng.random((count, 2))], 1).astype(np.float32)
    made[::3] = made[::3][:, [2, 3, 0, 1]]  # corners in the other order
    return made


def suppression():
    rng = np.random.default_rng(120)
    for count, most, limit in ((6, 3, 0.0), (20, 20, 0.3), (20, 5, 0.5), (3, 8, 0.99), (12, 0, 0.1)):
        for overlap in (0.2, 0.5):
            data = [boxes(rng, count) for _ in range(2)]
            for fixed in (True, False):
                label = f"{count} boxes at most {most} overlap {overlap} score {limit}" + (" most as input" if not fixed else "")
                n = K(np.array(most, np.int32)) if fixed else X((), "int32", data=most)
                b, s = X((count, 4), each=data), X((count,), low=0, high=1)
                inputs = [b, s] + ([] if fixed else [n])
                picked = dict(shape=(most,)) if fixed else dict(shape=(1,), signature=(-1,))
                if fixed:  # the plain form crashes in the reference where the number is an input
                    outs = [Y("int32", **picked), Y("int32", shape=())]
                    yield Case("NON_MAX_SUPPRESSION_V4", "float32", label, Graph([N(
                        "NON_MAX_SUPPRESSION_V4", [b, s, n, scalar(overlap), scalar(limit)], outs)], inputs=inputs, outputs=outs), runs=2)
                for sigma in (0.0, 0.4):
                    outs = [Y("int32", **picked), Y(**picked), Y("int32", shape=())]
                    yield Case("NON_MAX_SUPPRESSION_V5", "float32", f"{label} sigma {sigma}", Graph([N(
                        "NON_MAX_SUPPRESSION_V5", [b, s, n, scalar(overlap), scalar(limit), scalar(sigma)], outs)], inputs=inputs, outputs=outs), runs=2)
    flat = np.array([[0, 0, 0, 1], [0, 0, 1, 1], [0, 0, 0, 1], [2, 2, 3, 3]], np.float32)
    outs = [Y("int32", shape=(6,)), Y("int32", shape=())]
    b, s = X((4, 4), data=flat), X((4,), data=[0.9, 0.8, 0.7, 0.6])
    yield Case("NON_MAX_SUPPRESSION_V4", "float32", "boxes without area", Graph([N(
        "NON_MAX_SUPPRESSION_V4", [b, s, K(np.array(6, np.int32)), scalar(0.5), scalar(0.1)], outs)], inputs=[b, s], outputs=outs))


def bucketize():
    for name, boundaries in (("several", [-50.0, -1.5, 0.0, 0.0, 7.25, 60.0]), ("one", [3.0]), ("none", [])):
        for kind in ("float32", "float64", "int32", "int64"):
            yield single("BUCKETIZE", kind, f"{name} boundaries", [X((3, 7), kind, low=-70, high=70)], Y("int32"), boundaries=boundaries)
    yield single("BUCKETIZE", "int64", "on and beside boundaries", [X((5,), "int64", data=[0, 1, -1, 16777217, 16777216])], Y("int32"), boundaries=[0.0, 1.0, 16777216.0])


def cases():
    yield from suppression()
    yield from bucketize()
