"""Operators that move, pick or repeat elements: the bytes of the answer are bytes of the question."""
import itertools

import numpy as np

from builder import I32, K, X, Y
from case import single

Q = {"int8": (0.1, -5), "uint8": (0.1, 120), "int16": (0.001, 0)}
KINDS = ("float32", "int8", "uint8", "int16", "int32", "int64", "bool")
SHORT = ("float32", "int8", "int32")


def given(values, at_run_time, kind="int32"):
    """An index tensor: constant, or an input that holds the values."""
    values = np.array(values, kind)
    return X(values.shape, kind, data=values) if at_run_time else K(values)


def form(at_run_time):
    return "at run time" if at_run_time else "constant"


def reshape():
    for kind in KINDS:
        q = Q.get(kind)
        for number, (shape, new) in enumerate((((2, 3, 4), (4, 6)), ((2, 3, 4), (-1, 3)), ((24,), (1, 2, 3, 4)), ((1, 1), ()), ((2, 0, 3), (0, 5)))):
            if number and kind not in SHORT:
                continue
            option = np.array(new, np.int32)
            yield single("RESHAPE", kind, f"{list(shape)} {list(new)} constant", [X(shape, kind, q), K(option)], Y(kind, q), new_shape=option)
            yield single("RESHAPE", kind, f"{list(shape)} {list(new)} at run time", [X(shape, kind, q), given(new, True)], Y(kind, q))
            yield single("RESHAPE", kind, f"{list(shape)} {list(new)} attribute", [X(shape, kind, q)], Y(kind, q), new_shape=option)
    yield single("RESHAPE", "float32", "resized", [X((1, 6), signature=(-1, 6), run_shape=(4, 6)), I32(-1, 3)], Y(), new_shape=[-1, 3])
    yield single("RESHAPE", "float32", "runs of different shapes", [X((2, 6)), X((2,), "int32", each=[[3, 4], [12, 1], [-1, 2]])], Y(), runs=3)
    for kind in SHORT:
        q = Q.get(kind)
        for shape, axes in (((1, 3, 1, 2), ()), ((1, 3, 1, 2), (0,)), ((1, 3, 1, 2), (-2,)), ((1, 1), ()), ((1, 2, 1, 1), (3, 0))):
            yield single("SQUEEZE", kind, f"{list(shape)} axes {list(axes)}", [X(shape, kind, q)], Y(kind, q), squeeze_dims=np.array(axes, np.int32))
        for shape, axis in itertools.product(((3, 2), ()), (0, -1, 2)):
            if axis <= len(shape):
                yield single("EXPAND_DIMS", kind, f"{list(shape)} axis {axis}", [X(shape, kind, q), K(np.array(axis, np.int32))], Y(kind, q))
    yield single("EXPAND_DIMS", "float32", "axis at run time", [X((3, 2)), given([1], True)], Y())
    for result in ("INT32", "INT64"):
        for shape in ((2, 3, 5), (), (0, 4)):
            yield single("SHAPE", f"to {result.lower()}", f"{list(shape)}", [X(shape)], Y(result.lower()), out_type=result)
        yield single("SHAPE", f"to {result.lower()}", "resized", [X((1, 4), signature=(-1, 4), run_shape=(7, 4))], Y(result.lower()), out_type=result)
    for shape in ((2, 3, 5), ()):
        yield single("RANK", "float32", f"{list(shape)}", [X(shape)], Y("int32"))


def transpose():
    for kind in KINDS:
        q = Q.get(kind)
        orders = [(1, 0), (2, 0, 1), (0, 2, 1, 3), (0, 3, 1, 2), (3, 2, 1, 0), (4, 1, 0, 3, 2), (0, 1, 2), (2, -2, 0), (5, 0, 4, 1, 3, 2)]
        for order in orders if kind in SHORT else orders[:4]:
            shape = (2, 3, 4, 5, 2, 3)[:len(order)]
            yield single("TRANSPOSE", kind, f"{list(order)}", [X(shape, kind, q), I32(*order)], Y(kind, q))
        yield single("TRANSPOSE", kind, "at run time", [X((2, 3, 4), kind, q), given((2, 0, 1), True)], Y(kind, q))
    yield single("TRANSPOSE", "float32", "ones between", [X((1, 3, 1, 5)), I32(2, 3, 0, 1)], Y())
    yield single("TRANSPOSE", "int8", "17 by 33", [X((17, 33), "int8", Q["int8"]), I32(1, 0)], Y("int8", Q["int8"]))


def join():
    for kind in KINDS:
        q = Q.get(kind)
        for axis, shapes in ((0, ((2, 3), (1, 3))), (-1, ((2, 3, 1), (2, 3, 5), (2, 3, 2))), (1, ((1, 2, 3, 4), (1, 1, 3, 4))), (2, ((2, 2, 3, 1, 2),) * 3),
                             (0, ((3,), (0,), (2,)))):
            if kind not in SHORT and axis == 2:
                continue
            yield single("CONCATENATION", kind, f"axis {axis} {[list(s) for s in shapes]}", [X(s, kind, q) for s in shapes], Y(kind, q), axis=axis)
        yield single("CONCATENATION", kind, "a constant part", [X((2, 3), kind, q), K((2, 2), kind, q)], Y(kind, q), axis=1)
        for axis in (0, 1, -1, 2):
            yield single("PACK", kind, f"axis {axis}", [X((2, 3), kind, q) for _ in range(3)], Y(kind, q), values_count=3, axis=axis)
        for axis in (0, -1, 1):
            count = (3, 2, 4)[axis]
            yield single("UNPACK", kind, f"axis {axis}", [X((3, 2, 4), kind, q)], [Y(kind, q) for _ in range(count)], num=count, axis=axis)
    yield single("PACK", "float32", "scalars", [X(()), X(())], Y(), values_count=2, axis=0)
    yield single("UNPACK", "float32", "vector", [X((2,))], [Y(), Y()], num=2, axis=0)
    for act in ("RELU", "RELU6", "RELU_N1_TO_1"):
        yield single("CONCATENATION", "float32", act, [X((2, 3)), X((2, 2))], Y(), axis=1, fused_activation_function=act)
    for number, (a, b, c) in enumerate((((0.1, 120), (0.05, 128), (0.1, 120)), ((0.02, 0), (0.3, 255), (0.15, 100)))):
        yield single("CONCATENATION", "uint8 rescaled", f"setting {number}", [X((2, 30), "uint8", a), X((2, 40), "uint8", b)], Y("uint8", c), axis=1)
        yield single("CONCATENATION", "int8 rescaled", f"setting {number}", [
            X((2, 30), "int8", (a[0], a[1] - 128)), X((2, 40), "int8", (b[0], b[1] - 128))], Y("int8", (c[0], c[1] - 128)), axis=1)


def split():
    for kind in KINDS:
        q = Q.get(kind)
        for axis, count in ((0, 2), (-1, 3), (1, 1), (2, 6)):
            yield single("SPLIT", kind, f"axis {axis} in {count}", [K(np.array(axis, np.int32)), X((4, 3, 6), kind, q)],
                         [Y(kind, q) for _ in range(count)], num_splits=count)
        for axis, sizes in ((1, (2, 3, 1)), (-1, (1, -1)), (0, (2, 0, 1))):
            yield single("SPLIT_V", kind, f"axis {axis} {list(sizes)}", [X((3, 6, 5), kind, q), I32(*sizes), K(np.array(axis, np.int32))],
                         [Y(kind, q) for _ in sizes], num_splits=len(sizes))
    yield single("SPLIT", "float32", "axis at run time", [given(1, True), X((2, 4))], [Y(), Y()], num_splits=2)
    yield single("SPLIT", "float32", "64-bit axis", [K(np.array(-1)), X((2, 4))], [Y(), Y()], num_splits=2)
    yield single("SPLIT_V", "float32", "64-bit axis", [X((2, 5)), I32(1, 4), K(np.array(-1))], [Y(), Y()], num_splits=2)
    yield single("SPLIT_V", "float32", "sizes at run time", [X((2, 5)), given([1, 4], True), K(np.array(1, np.int32))], [Y(), Y()], num_splits=2)


def slices():
    for kind in KINDS:
        q = Q.get(kind)
        for number, (shape, begin, size) in enumerate((((5, 6), (1, 2), (3, -1)), ((2, 3, 4, 5), (0, 1, 0, 2), (2, 1, 4, 3)), ((7,), (6,), (1,)),
                                                       ((3, 4, 2), (0, 0, 0), (-1, -1, -1)), ((2, 3, 2, 3, 4), (1, 0, 1, 1, 0), (1, 3, 1, 2, 2)), ((4, 3), (1, 0), (0, 3)))):
            if number > 1 and kind not in SHORT:
                continue
            yield single("SLICE", kind, f"{list(shape)} {list(begin)} {list(size)}", [X(shape, kind, q), I32(*begin), I32(*size)], Y(kind, q))
        yield single("SLICE", kind, "at run time", [X((5, 6), kind, q), given((1, 2), True), given((3, -1), True)], Y(kind, q))
    yield single("SLICE", "float32", "64-bit indices", [X((5, 6)), given((1, 2), False, "int64"), given((3, 2), False, "int64")], Y())
    masks = ({}, {"begin_mask": 1}, {"end_mask": 2}, {"shrink_axis_mask": 1}, {"shrink_axis_mask": 2}, {"begin_mask": 3, "end_mask": 3},
             {"begin_mask": 2, "shrink_axis_mask": 1})
    for kind in KINDS:
        q = Q.get(kind)
        for rest in masks if kind in SHORT else masks[:3]:
            label = " ".join(f"{k} {v}" for k, v in rest.items())
            yield single("STRIDED_SLICE", kind, f"2d {label}".strip(), [X((5, 7), kind, q), I32(1, 2), I32(4, 6), I32(1, 2)], Y(kind, q), **rest)
        yield single("STRIDED_SLICE", kind, "at run time", [X((5, 7), kind, q), given((0, -3), True), given((4, 7), True), given((2, 1), True)], Y(kind, q))
    spans = (((9,), (8,), (0,), (-3,), {}), ((9,), (-1,), (-10,), (-1,), {}), ((9,), (0,), (100,), (4,), {}), ((4, 5), (3, 4), (0, 0), (-1, -2), {"end_mask": 3}),
             ((2, 3, 4), (0, 1, -1), (2, 3, 0), (1, 2, -1), {}), ((2, 3, 4, 5), (0, 0, 1, 1), (2, 3, 3, 5), (1, 2, 1, 3), {"begin_mask": 5}),
             ((2, 3, 4, 5, 2), (0, 0, 1, 1, 0), (2, 3, 3, 5, 2), (1, 2, 1, 3, 1), {"shrink_axis_mask": 4}), ((5,), (3,), (3,), (1,), {}),
             ((4, 3, 2), (1, 0, 0), (3, 0, 2), (1, 1, 1), {"ellipsis_mask": 2}), ((4, 3, 2), (1, 0), (3, 2), (1, 1), {"ellipsis_mask": 1}),
             ((4, 3), (0, 1, 0), (0, 3, 3), (1, 1, 1), {"new_axis_mask": 1}), ((4, 3), (1, 0, 0), (2, 0, 3), (1, 1, 2), {"new_axis_mask": 2}),
             ((4, 3, 2), (1, 0, 0), (2, 3, 1), (1, 1, 1), {"shrink_axis_mask": 5}), ((6,), (-2,), (0,), (1,), {"shrink_axis_mask": 1}),
             ((5, 4), (0,), (2,), (1,), {}), ((5, 4), (1,), (2,), (1,), {"shrink_axis_mask": 1}), ((6, 2), (-4, 0), (-1, 2), (2, 1), {"offset": False}),
             ((9,), (2,), (4,), (1,), {"offset": True}))
    for shape, begin, end, stride, rest in spans:
        label = " ".join(f"{k} {v}" for k, v in rest.items())
        for kind in ("float32", "int8"):
            yield single("STRIDED_SLICE", kind, f"{list(shape)} {list(begin)} {list(end)} {list(stride)} {label}".strip(),
                         [X(shape, kind, Q.get(kind)), I32(*begin), I32(*end), I32(*stride)], Y(kind, Q.get(kind)), **rest)
    for kind in ("float32", "int8", "int32", "int64", "bool", "uint8", "int16"):
        yield single("DYNAMIC_UPDATE_SLICE", kind, "inside", [X((4, 6), kind, Q.get(kind)), X((2, 3), kind, Q.get(kind)), given((1, 2), True)], Y(kind, Q.get(kind)))
    yield single("DYNAMIC_UPDATE_SLICE", "float32", "clamped", [X((4, 6)), X((2, 3)), given((9, -4), True)], Y())
    yield single("DYNAMIC_UPDATE_SLICE", "float32", "64-bit start", [X((4, 6)), X((2, 3)), given((1, 1), True, "int64")], Y())


def gathers():
    for kind in KINDS:
        q = Q.get(kind)
        for number, (shape, places, axis, batch) in enumerate((
                ((5, 3), (4, 0, 0), 0, 0), ((2, 6, 3), (5, 1), 1, 0), ((2, 3, 4), ((0, 3), (2, 1)), -1, 0), ((7,), 3, 0, 0),
                ((2, 5, 3), ((4, 0, 1), (2, 2, 3)), 1, 1), ((2, 3, 4), ((0, 1), (2, 0)), 2, 1), ((3, 4), ((1, 3), (0, 0), (2, 2)), 1, -1))):
            if number > 1 and kind not in SHORT:
                continue
            yield single("GATHER", kind, f"{list(shape)} places {np.shape(places)} axis {axis} batch {batch}",
                         [X(shape, kind, q), given(places, number % 2 == 0)], Y(kind, q), axis=axis, batch_dims=batch)
        for shape, places in (((3, 4), ((0, 1), (2, 3))), ((3, 4), ((2,), (0,), (1,))), ((2, 3, 4), (((0, 1), (1, 2)), ((1, 0), (0, 0)))), ((2, 2, 3, 2), ((1, 0, 2),))):
            yield single("GATHER_ND", kind, f"{list(shape)} places {np.shape(places)}", [X(shape, kind, q), given(places, len(shape) == 3)], Y(kind, q))
    for index in ("int64", "int16"):
        yield single("GATHER", "float32", f"{index} places", [X((5, 3)), given((4, 2), False, index)], Y(), axis=0)
        yield single("GATHER_ND", "float32", f"{index} places", [X((5, 3)), given(((4, 2), (0, 1)), False, index)], Y())
    yield single("GATHER", "float32", "resized", [X((1, 3), signature=(-1, 3), run_shape=(6, 3)), given((0, 0), True)], Y(), axis=0)
    for kind in ("float32", "int8", "uint8", "int32", "int64"):
        q = Q.get(kind)
        for at in (False, True):
            yield single("SCATTER_ND", kind, f"rows {form(at)}", [given(((4,), (1,), (4,)), at), X((3, 3), kind, q, low=-9 if kind != "uint8" else 0, high=9), I32(6, 3)], Y(kind, q))
        yield single("SCATTER_ND", kind, "elements", [given(((0, 1), (2, 0)), False), X((2,), kind, q), given((3, 2), True)], Y(kind, q))
        yield single("SPARSE_TO_DENSE", kind, "matrix", [given(((0, 1), (2, 0)), False), I32(3, 2), X((2,), kind, q), X((), kind, q)], Y(kind, q))
        yield single("SPARSE_TO_DENSE", kind, "one value", [given((1, 4), False), I32(5), X((), kind, q), X((), kind, q)], Y(kind, q))
    table = [(6, 4), (5, 2, 3)]
    for shape in table:
        yield single("EMBEDDING_LOOKUP", "float32", f"{list(shape)}", [X((3,), "int32", data=[4, 0, 2]), K(shape, "float32")], Y())
        yield single("EMBEDDING_LOOKUP", "hybrid", f"{list(shape)}", [X((3,), "int32", data=[4, 0, 2]), K(shape, "int8", (0.07, 0))], Y())
        yield single("EMBEDDING_LOOKUP", "hybrid uint8", f"{list(shape)}", [X((3,), "int32", data=[4, 0, 2]), K(shape, "uint8", (0.07, 0))], Y())
    yield single("EMBEDDING_LOOKUP", "hybrid per-channel", "", [X((3,), "int32", data=[4, 0, 2]), K((5, 6), "int8", ([0.1, 0.02, 0.3, 0.01, 0.07], 0))], Y())
    yield single("EMBEDDING_LOOKUP", "hybrid int4", "", [X((3,), "int32", data=[4, 0, 2]), K((5, 6), "int4", ([0.1, 0.02, 0.3, 0.01, 0.07], 0))], Y())
    yield single("EMBEDDING_LOOKUP", "int8", "", [X((3,), "int32", data=[4, 0, 2]), K((5, 6), "int8", (0.1, 3))], Y("int8", (0.1, 3)))


def pads():
    for kind in ("float32", "int8", "uint8", "int16", "int32", "int64", "bool"):
        q = Q.get(kind)
        for number, (shape, amounts) in enumerate((((2, 3), ((1, 0), (0, 2))), ((1, 3, 4, 2), ((0, 0), (1, 1), (2, 0), (0, 0))), ((3,), ((2, 2),)),
                                                   ((1, 2, 2, 3), ((0, 1), (1, 0), (0, 1), (1, 2))), ((1, 2, 1, 2, 3), ((0, 1), (1, 0), (0, 1), (1, 2), (0, 0))))):
            if number > 1 and kind not in SHORT:
                continue
            for at in (False, True):
                yield single("PAD", kind, f"{list(shape)} {[list(a) for a in amounts]} {form(at)}", [X(shape, kind, q), given(amounts, at)], Y(kind, q))
                for value in (None, 3):
                    filler = K(np.array(value if value is not None else 1, q and kind or kind), kind, q) if not at else X((), kind, q)
                    if value is None and not at:
                        continue
                    if value == 3 and at:
                        continue
                    yield single("PADV2", kind, f"{list(shape)} {[list(a) for a in amounts]} {form(at)}", [X(shape, kind, q), given(amounts, at), filler], Y(kind, q))
        for mode in ("REFLECT", "SYMMETRIC"):
            for shape, amounts in (((3, 4), ((1, 1), (2, 0))), ((2, 3, 3, 2), ((1, 0), (1, 1), (0, 2), (0, 1)))):
                yield single("MIRROR_PAD", kind, f"{mode} {list(shape)}", [X(shape, kind, q), given(amounts, len(shape) == 2)], Y(kind, q), mode=mode)
    yield single("PAD", "int8", "64-bit amounts", [X((2, 3), "int8", Q["int8"]), given(((1, 0), (0, 2)), False, "int64")], Y("int8", Q["int8"]))


def blocks():
    for kind in ("float32", "int8", "uint8", "int32", "int64", "int16"):
        q = Q.get(kind)
        for block, shape in ((2, (1, 4, 6, 3)), (3, (2, 3, 6, 1))):
            yield single("SPACE_TO_DEPTH", kind, f"{list(shape)} block {block}", [X(shape, kind, q)], Y(kind, q), block_size=block)
            deep = (shape[0], shape[1] // block + 1, shape[2] // block, shape[3] * block * block)
            yield single("DEPTH_TO_SPACE", kind, f"{list(deep)} block {block}", [X(deep, kind, q)], Y(kind, q), block_size=block)
        for shape, block, amounts in (((1, 4, 6, 3), (2, 3), ((0, 0), (0, 0))), ((2, 5, 3, 1), (2, 2), ((1, 0), (0, 1))), ((2, 5, 3), (3,), ((1, 0),)), ((1, 3, 5, 2), (1, 4), ((0, 0), (2, 1)))):
            for at in (False, True):
                yield single("SPACE_TO_BATCH_ND", kind, f"{list(shape)} block {list(block)} pad {[list(a) for a in amounts]} {form(at)}",
                             [X(shape, kind, q), given(block, at), given(amounts, at)], Y(kind, q))
        for shape, block, amounts in (((6, 2, 2, 3), (2, 3), ((0, 0), (0, 0))), ((8, 3, 2, 1), (2, 2), ((1, 0), (0, 1))), ((6, 3, 3), (3,), ((1, 0),))):
            for at in (False, True):
                yield single("BATCH_TO_SPACE_ND", kind, f"{list(shape)} block {list(block)} crop {[list(a) for a in amounts]} {form(at)}",
                             [X(shape, kind, q), given(block, at), given(amounts, at)], Y(kind, q))


def repeats():
    for kind in KINDS:
        q = Q.get(kind)
        for shape, times in (((2, 3), (2, 1)), ((1, 2, 3), (3, 1, 2)), ((3,), (0,)), ((2, 1, 2, 2), (1, 3, 2, 1))):
            yield single("TILE", kind, f"{list(shape)} {list(times)}", [X(shape, kind, q), given(times, len(shape) == 3)], Y(kind, q))
        for shape, wide in (((3,), (2, 3)), ((1, 3, 1), (2, 3, 4)), ((), (2, 2)), ((2, 1, 2, 1, 3), (2, 3, 2, 2, 3))):
            yield single("BROADCAST_TO", kind, f"{list(shape)} {list(wide)}", [X(shape, kind, q), given(wide, len(shape) == 1)], Y(kind, q))
        yield single("FILL", kind, "constant shape", [I32(2, 3), X((), kind, q)], Y(kind, q))
        yield single("FILL", kind, "shape at run time", [given((3, 1, 2), True), X((), kind, q)], Y(kind, q))
        for axis in ((0,), (-1,), (1,)):
            yield single("REVERSE_V2", kind, f"axis {axis[0]}", [X((3, 4, 2), kind, q), I32(*axis)], Y(kind, q))
        if kind != "bool":
            for sequence, batch in ((1, 0), (0, 1), (2, 0)):
                shape = (3, 3, 3, 2)
                yield single("REVERSE_SEQUENCE", kind, f"sequence {sequence} batch {batch}", [X(shape, kind, q), X((3,), "int32", data=[1, 3, 2])], Y(kind, q),
                             seq_dim=sequence, batch_dim=batch)
        for axis in (-1, 0, 1):
            yield single("ONE_HOT", kind, f"axis {axis}", [X((2, 3), "int32", low=-1, high=4), K(np.array(4, np.int32)), X((), kind, q), X((), kind, q)], Y(kind, q), axis=axis)
    yield single("REVERSE_V2", "float32", "two axes", [X((3, 4, 2)), I32(0, 1)], Y())
    yield single("ONE_HOT", "float32", "int64 places, depth at run time", [X((3,), "int64", data=[2, 0, 9]), given(3, True), X(()), X(())], Y(), axis=-1)
    for a, b in (((2, 1), (3,)), ((1,), (4, 5)), ((3, 1, 2), (3, 4, 1)), ((), (2,))):
        for kind in ("int32", "int64"):
            yield single("BROADCAST_ARGS", kind, f"{list(a)} {list(b)}", [given(a, False, kind), given(b, True, kind)], Y(kind))
    for kind, spans in (("int32", ((0, 7, 2), (5, -4, -3), (3, 3, 1))), ("float32", ((0.5, 3.2, 0.7), (2, -1, -0.25))), ("int64", ((2 ** 40, 2 ** 40 + 5, 2),))):
        for span in spans:
            yield single("RANGE", kind, f"{list(span)}", [X((), kind, data=s) for s in span], Y(kind))
            yield single("RANGE", kind, f"{list(span)} constant", [K(np.array(s, kind)) for s in span], Y(kind))


def choices():
    for kind in KINDS:
        q = Q.get(kind)
        yield single("SELECT", kind, "same shape", [X((2, 3, 4), "bool"), X((2, 3, 4), kind, q), X((2, 3, 4), kind, q)], Y(kind, q))
        yield single("SELECT", kind, "one per row", [X((5,), "bool"), X((5, 3), kind, q), X((5, 3), kind, q)], Y(kind, q))
        yield single("SELECT", kind, "scalar condition", [X((), "bool"), X((5, 3), kind, q), X((5, 3), kind, q)], Y(kind, q))
        for c, a, b in (((3, 4), (3, 4), (3, 4)), ((4,), (2, 3, 4), ()), ((2, 1, 4), (1, 3, 4), (2, 3, 1)), ((1, 2, 1, 1, 2), (2, 1, 3, 1, 1), (1, 1, 1, 2, 2)), ((), (3,), (3,))):
            yield single("SELECT_V2", kind, f"{list(c)} {list(a)} {list(b)}", [X(c, "bool"), X(a, kind, q), X(b, kind, q)], Y(kind, q))
    for kind, drift in (("int8", 1.001), ("uint8", 0.9985), ("int16", 1.00001)):  # the last bits of scales that shall be the same
        (scale, zero), shape = Q[kind], (3, 4)
        for op in ("SELECT", "SELECT_V2"):
            yield single(op, kind, "scales that drift apart", [X(shape, "bool"), X(shape, kind, (scale * drift, zero)), X(shape, kind, Q[kind])], Y(kind, Q[kind]))
        for op in ("MAXIMUM", "MINIMUM"):
            yield single(op, kind, "scales that drift apart", [X(shape, kind, Q[kind]), X(shape, kind, Q[kind])], Y(kind, (scale * drift, zero)))
    for kind in ("bool", "float32", "int32", "int64", "int8", "uint8", "uint32"):
        for shape in ((7,), (2, 3), (2, 2, 3)):
            data = None if kind == "bool" else np.arange(np.prod(shape)).reshape(shape) % 3
            yield single("WHERE", kind, f"{list(shape)}", [X(shape, kind, data=data)], Y("int64"))
    yield single("WHERE", "bool", "none", [X((4,), "bool", data=np.zeros(4))], Y("int64"))
    for kind in ("float32", "int32", "int64", "int8", "uint8", "int16"):
        for result in ("INT32", "INT64"):
            yield single("UNIQUE", kind, f"places {result}", [X((9,), kind, data=np.array([3, 1, 3, 0, 7, 1, 1, 2, 0]))], [Y(kind), Y(result.lower())], idx_out_type=result)
    for kind in ("float32", "int32", "int64", "int8", "uint8", "int16"):
        q = Q.get(kind)
        for shape, k in (((9,), 3), ((2, 7), 7), ((2, 3, 5), 1)):
            for at in (False, True):
                yield single("TOPK_V2", kind, f"{list(shape)} {k} {form(at)}", [X(shape, kind, q, data=None if kind != "int8" else np.arange(np.prod(shape)).reshape(shape) * 5 % 3), given(k, at)], [Y(kind, q), Y("int32")])
    for k in (1, 3, 6):
        yield single("TOPK_V2", "float32", f"NaN {k}", [X((4, 6), data=[[np.nan, 1, 2, 3, 2, 1], [1, np.nan, 0, np.nan, 0, 0.5], [np.inf, np.nan, -np.inf, 2, 0, -1],
                                                                        [np.nan, np.nan, np.nan, np.nan, -np.inf, np.nan]]), given(k, False)], [Y(), Y("int32")])
    for kind in ("float32", "int8", "uint8", "int32", "bool", "int16"):
        q = Q.get(kind)
        for op in ("ARG_MAX", "ARG_MIN"):
            for axis, result in itertools.product((-1, 0, 1), ("INT32", "INT64")):
                yield single(op, kind, f"axis {axis} to {result}", [X((3, 4, 5), kind, q, low=None if kind == "float32" else 0, high=None if kind == "float32" else 5), K(np.array(axis, np.int32))],
                             Y(result.lower()), output_type=result)
            yield single(op, kind, "axis at run time", [X((3, 4), kind, q), given([1], True)], Y("int32"), output_type="INT32")
    for size in (1, 4):
        for kind in ("float32", "int32", "int64", "int8", "uint8", "int16"):
            yield single("MATRIX_DIAG", kind, f"{size}", [X((2, size), kind)], Y(kind))
            yield single("MATRIX_SET_DIAG", kind, f"{size}", [X((2, size, 3), kind), X((2, min(size, 3)), kind)], Y(kind))
    for kind in ("float32", "int32"):
        for n in (1, 2, 4):
            yield single("ADD_N", kind, f"{n} terms", [X((3, 5), kind) for _ in range(n)], Y(kind))
    for kind in ("float32", "int32", "int64"):
        for axis, (exclusive, reverse) in itertools.product((0, -1), itertools.product((False, True), repeat=2)):
            yield single("CUMSUM", kind, f"axis {axis} exclusive {exclusive} reverse {reverse}", [X((3, 4, 2), kind), K(np.array(axis, np.int32))], Y(kind),
                         exclusive=exclusive, reverse=reverse)


def cases():
    for family in (reshape, transpose, join, split, slices, gathers, pads, blocks, repeats, choices):
        yield from family()
