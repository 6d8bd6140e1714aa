"""RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR: both corner rules, up and down."""
import numpy as np

from builder import I32, X, Y
from case import single

Q = {"int8": (0.1, -5), "uint8": (0.1, 120), "int16": (0.001, 0)}


def cases():
    for op in ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"):
        for kind in ("float32", "int8", "uint8", "int16"):
            q = Q.get(kind)
            for align, half in ((False, False), (True, False), (False, True)) + (((True, True),) if op == "RESIZE_NEAREST_NEIGHBOR" else ()):
                for shape, size in (((1, 3, 4, 3), (6, 8)), ((2, 5, 7, 1), (3, 4)), ((1, 4, 3, 8), (7, 5)), ((1, 1, 1, 2), (3, 2)), ((1, 6, 5, 2), (1, 1)), ((1, 4, 4, 17), (4, 4))):
                    yield single(op, kind, f"{list(shape)} to {list(size)} align {align} half {half}", [X(shape, kind, q), I32(*size)], Y(kind, q),
                                 align_corners=align, half_pixel_centers=half)
            yield single(op, kind, "size at run time", [X((1, 3, 4, 3), kind, q), X((2,), "int32", data=[5, 9])], Y(kind, q),
                         align_corners=False, half_pixel_centers=True)
            yield single(op, kind, "resized", [X((1, 1, 1, 3), kind, q, signature=(-1, -1, -1, 3), run_shape=(2, 3, 4, 3)), I32(5, 6)], Y(kind, q))
