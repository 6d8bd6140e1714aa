"""Random cases of the operators that move or pick elements, and of those with a memory; draws.py says how."""
import math

import numpy as np

from builder import K, Graph, N, RANGE, V, X, Y
from case import Case, single
from cases import recurrent, sequence
from draws import ACTIVATIONS, COPIED, SMALL, makes, resized


@makes("CONCATENATION", "PACK")
def join(d, op):
    kind = d.kind(COPIED)
    shape, q, pack = d.dims(0 if op == "PACK" else 1, 4), d.q(kind), op == "PACK"
    axis, parts = d.axis(len(shape) + pack), []
    rescaled = not pack and kind in ("uint8", "int8") and d.chance(0.4)
    for _ in range(d.randint(1, 5)):
        part = list(shape)
        if not pack:
            part[axis] = d.dim()
        parts.append(d.feed(tuple(part), kind, d.near(q, kind) if rescaled else q))
    if all(p.kind == "const" for p in parts):
        parts.append(X(parts[0].shape, kind, q))
    rest = {"values_count": len(parts)} if pack else {"fused_activation_function": d.choice(ACTIVATIONS) if kind == "float32" else "NONE"}
    return single(op, kind, "rescaled" * rescaled, parts, Y(kind, q), axis=axis, **rest)


@makes("SPLIT", "SPLIT_V", "UNPACK")
def split(d, op):
    kind = d.kind(COPIED)
    shape, q, count = list(d.dims(1, 5)), d.q(kind), d.randint(1, 5)
    axis = d.axis(len(shape))
    outputs = lambda n: [Y(kind, q) for _ in range(n)]
    if op == "UNPACK":
        shape[axis] = count
        return single(op, kind, "", [X(shape, kind, q)], outputs(count), num=count, axis=axis)
    place = d.ints(axis, d.choice(("int32", "int32", "int64")), 0.9)
    if op == "SPLIT":
        shape[axis] *= count
        return single(op, kind, "", [place, X(shape, kind, q)], outputs(count), num_splits=count)
    sizes = [d.choice((0, 1, 1, 2, 3)) if d.chance(0.3) else d.randint(1, 4) for _ in range(count)]
    shape[axis] = sum(sizes)
    if d.chance(0.3):
        sizes[d.randrange(count)] = -1
    return single(op, kind, "", [X(shape, kind, q), d.ints(sizes, d.choice(("int32", "int32", "int64"))), place], outputs(count), num_splits=count)


@makes("PAD", "PADV2", "MIRROR_PAD")
def pad(d, op):
    kind = d.kind(COPIED if op != "PADV2" else COPIED[:-1])
    shape, q = d.dims(1, 5 if op != "MIRROR_PAD" else 4), d.q(kind)
    mode = d.choice(("REFLECT", "SYMMETRIC"))
    most = [3 if op != "MIRROR_PAD" else max(0, min(3, n - (mode == "REFLECT"))) for n in shape]
    amounts = d.ints([[d.randint(0, n), d.randint(0, n)] if d.chance(0.7) else [0, 0] for n in most], d.choice(("int32", "int32", "int64")))
    filler = [d.feed((), kind, q, 0.6)] if op == "PADV2" else []
    return single(op, kind, "", [X(shape, kind, q), amounts, *filler], Y(kind, q), **({"mode": mode} if op == "MIRROR_PAD" else {}))


@makes("SLICE", "STRIDED_SLICE")
def slices(d, op):
    kind, shape = d.kind(COPIED), d.dims(1, 5)
    q, index, constant = d.q(kind), d.choice(("int32", "int32", "int64")) if op == "SLICE" else "int32", d.choice((1, 1, 0))
    if op == "SLICE":
        begin = [d.randint(0, n) if d.chance(0.1) else d.randint(0, max(0, n - 1)) for n in shape]
        size = [-1 if d.chance(0.2) else d.randint(0 if d.chance(0.1) else min(1, n - b), n - b) for n, b in zip(shape, begin)]
        return single(op, kind, "", [X(shape, kind, q), d.ints(begin, index, constant), d.ints(size, index, constant)], Y(kind, q))
    rank = len(shape) if d.chance(0.7) else d.randint(1, len(shape))
    mask = lambda p: sum(d.chance(p) << i for i in range(rank))
    rest = {"begin_mask": mask(0.2), "end_mask": mask(0.2), "shrink_axis_mask": mask(0.15), "ellipsis_mask": 0, "new_axis_mask": 0}
    begin = [d.randint(-n, n - 1) if n and d.chance(0.9) else d.randint(-n - 2, n + 2) for n in shape[:rank]]
    stride = [d.choice((1, 1, 1, 2, 3, -1, -2)) for _ in range(rank)]
    end = [d.randint(-n - 2, n + 2) if d.chance(0.3) else n if s > 0 else -n - 1 for n, s in zip(shape, stride)]
    for i, n in enumerate(shape[:rank]):
        if rest["shrink_axis_mask"] >> i & 1:  # with a negative stride the reference writes nothing
            stride[i], begin[i] = 1, d.randint(-n, max(n - 1, 0))
            rest["shrink_axis_mask"] &= ~(0 if n else 1 << i)
    if rank == len(shape) and d.chance(0.1):  # lengths are taken as they are, whatever the masks say and the input holds
        rest.update(offset=True, begin_mask=0, end_mask=0)
        begin, stride = [d.randint(0, max(n - 1, 0)) for n in shape[:rank]], [abs(n) for n in stride]
        end = [d.randint(min(1, n), n - b) for n, b in zip(shape, begin)]
    elif d.chance(0.3):
        rest["ellipsis_mask"], rest["new_axis_mask"] = d.choice((0, 1 << d.randrange(rank))), mask(0.3)
        begin = [max(-1, min(n, 0)) if rest["shrink_axis_mask"] >> i & 1 else n for i, n in enumerate(begin)]  # another dimension's now
    return single(op, kind, "", [X(shape, kind, q), *(d.ints(v, index, constant) for v in (begin, end, stride))], Y(kind, q), **rest)


@makes("GATHER", "GATHER_ND", "SCATTER_ND", "EMBEDDING_LOOKUP")
def pick(d, op):
    if op == "EMBEDDING_LOOKUP":
        form, shape = d.choice(("float32", "int8", "hybrid", "hybrid uint8", "hybrid int4", "hybrid per-channel")), (d.randint(1, 9), *d.dims(1, 3))
        places = X((d.randint(1, 5),), "int32", low=0, high=shape[0] - 1)
        kind = form.split()[-1] if form.split()[-1] in RANGE else "int8" if form != "float32" else form
        if "int4" in form and math.prod(shape[1:]) % 2:
            shape = (*shape, 2)  # the reference reads a row that begins within a byte one element early
        q = ([d.q("int8")[0] for _ in range(shape[0])], 0) if "channel" in form or "int4" in form else kind != "float32" and (d.q("int8")[0], 3 if form == "int8" else 0) or None
        return single(op, form, "", [places, K(shape, kind, q)], Y("int8", q) if form == "int8" else Y())
    kind, shape, index = d.kind(COPIED[:-1] if op == "SCATTER_ND" else COPIED), d.dims(1, 4), d.choice(("int32", "int32", "int64", "int16"))
    shape, q = tuple(max(n, 1) for n in shape), d.q(kind)
    rng = np.random.default_rng(d.randint(0, 2 ** 31))
    if op == "GATHER":
        axis, batch = d.axis(len(shape)), 0
        if d.chance(0.3):
            batch = d.randint(0, axis % len(shape))
        places = rng.integers(0, shape[axis], shape[:batch] + d.dims(0, 2))
        return single(op, kind, "", [d.feed(shape, kind, q), d.ints(places, index, 0.5)], Y(kind, q), axis=axis, batch_dims=batch)
    depth, outer = d.randint(1, len(shape)), d.dims(1 if op == "SCATTER_ND" else 0, 2)
    places = np.stack([rng.integers(0, n, outer) for n in shape[:depth]], -1)
    if op == "GATHER_ND":
        return single(op, kind, "", [d.feed(shape, kind, q), d.ints(places, index, 0.5)], Y(kind, q))
    return single(op, kind, "", [d.ints(places), X((*outer, *shape[depth:]), kind, q, low=0, high=60), d.ints(shape)], Y(kind, q))


@makes("TRANSPOSE", "RESHAPE", "TILE", "BROADCAST_TO", "REVERSE_V2")
def reorder(d, op):
    kind, shape = d.kind(COPIED), d.dims(0 if op == "RESHAPE" else 1, 6 if op in ("TRANSPOSE", "RESHAPE") else 4)
    q, rank = d.q(kind), len(shape)
    if op == "TRANSPOSE":
        order = d.sample(range(rank), rank)
        second = [n - rank if d.chance(0.15) else n for n in order]
    elif op == "RESHAPE":
        second = [*shape, *(1 for _ in range(d.randint(0, 2)))]
        d.shuffle(second)
        if len(second) > 1 and d.chance(0.5):
            second[:2] = [second[0] * second[1]]
        if second and 0 not in second and d.chance(0.4):
            second[d.randrange(len(second))] = -1
    elif op == "TILE":
        second = [d.choice((0 if d.chance(0.1) else 1, 1, 2, 3)) for _ in shape]
    elif op == "REVERSE_V2":
        second = [d.axis(rank)]
    else:
        second = [*d.dims(0, 2), *shape]
        shape = tuple(1 if d.chance(0.4) else n for n in shape)
    index = d.choice(("int32", "int64")) if op in ("TILE", "BROADCAST_TO") else "int32"
    return single(op, kind, "", [X(shape, kind, q), d.ints(second, index)], Y(kind, q))


@makes("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR")
def resize(d, op):
    kind = d.choice(SMALL)
    q, align = d.q(kind), d.chance(0.35)
    (h, to_h), (w, to_w), c = (d.randint(1, 12), d.randint(1, 24)), (d.randint(1, 12), d.randint(1, 24)), d.choice((1, 2, 3, 8))
    if d.chance(0.4):
        h, to_h, c, w, to_w = d.randint(1, 2), d.randint(1, 2), 1, d.randint(1, 400), d.randint(1, 700)
    x = X((d.randint(1, 3), h, w, c), kind, q)
    return resized(d, single(op, kind, "", [x, d.ints([to_h, to_w])], Y(kind, q), align_corners=align,
                             half_pixel_centers=d.chance(0.5) and (op != "RESIZE_BILINEAR" or not align)), x)


@makes("SPACE_TO_DEPTH", "DEPTH_TO_SPACE", "SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND")
def blocks(d, op):
    kind = d.kind(("float32", "int8", "uint8", "int32", "int64", *["int16"] * op.endswith("ND")))
    q, n, h, w, c, b = d.q(kind), d.randint(1, 3), d.randint(1, 5), d.randint(1, 5), d.randint(1, 5), d.randint(1, 4)
    if op.startswith("DEPTH") or op.endswith("DEPTH"):
        return single(op, kind, "", [X((n, h * b, w * b, c) if op.endswith("DEPTH") else (n, h, w, c * b * b), kind, q)], Y(kind, q), block_size=b)
    sides = d.choice((1, 2, 2))
    block, body = [d.randint(1, 3) for _ in range(sides)], [h, w][:sides]
    edges = [[d.randint(0, 2), 0] for _ in block]
    if op == "SPACE_TO_BATCH_ND":
        for edge, size, step in zip(edges, body, block):
            edge[1] = -(size + edge[0]) % step
        shape = (n, *body, c)
    else:
        edges = [[d.randint(0, min(2, size * step - 1)), 0] for size, step in zip(body, block)]
        shape = (n * math.prod(block), *body, c)
    return single(op, kind, "", [X(shape, kind, q), d.ints(block), d.ints(edges)], Y(kind, q))


@makes("ONE_HOT")
def one_hot(d, op):
    kind, shape, depth = d.kind(COPIED), d.dims(0, 3), d.randint(1, 6)
    q = d.q(kind)
    return single(op, kind, "", [X(shape, d.choice(("int32", "int64")), low=-1, high=depth), d.ints(depth), d.feed((), kind, q), d.feed((), kind, q)],
                  Y(kind, q), axis=d.randint(-1, len(shape)))


@makes("SELECT", "SELECT_V2", "WHERE")
def select(d, op):
    kind, shape = d.kind(COPIED), d.dims(0 if op != "WHERE" else 1, 4)
    q = d.q(kind)
    if op == "WHERE":
        return single(op, kind, "", [X(shape, "bool") if d.chance(0.5) or kind == "int16" else X(shape, kind, low=0, high=2)], Y("int64"))
    if op == "SELECT":
        return single(op, kind, "", [X(d.choice((shape, shape[:1])), "bool"), d.feed(shape, kind, q), d.feed(shape, kind, q)], Y(kind, q))
    (a, b), (c, _) = d.apart(shape), d.apart(shape)
    return single(op, kind, "", [X(c, "bool"), d.feed(a, kind, q), d.feed(b, kind, q)], Y(kind, q))


# --- operators with a memory --------------------------------------------------------------------------------------------

@makes("SVDF")
def svdf(d, op):
    kind = d.choice(("float32", "hybrid"))
    batch, depth, units, rank, memory = [d.randint(1, n) for n in (3, 12, 6, 4, 8)]
    weight, q = ("float32", None) if kind == "float32" else ("int8", (d.uniform(0.001, 0.02), 0))
    edge = 1 if q is None else 127
    matrix = lambda columns: K((units * rank, columns), weight, q, low=-edge, high=edge)
    bias = K((units,), "float32", low=-1, high=1) if d.chance(0.7) else None
    return single(op, kind, "", [X((batch, depth), low=-1, high=1), matrix(depth), matrix(memory), bias, V((batch, memory * units * rank))], Y(), runs=3,
                  compare=recurrent.HYBRID if q else {"mode": "relative", "tolerance": 1e-4}, rank=rank, fused_activation_function=d.choice(ACTIVATIONS[:3] if q else ("NONE",)),
                  asymmetric_quantize_inputs=bool(q) and d.chance(0.5))


@makes("LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM")
def lstm(d, op):
    kind, time_major = d.choice(sequence.KINDS + ("int8",)), d.chance(0.5) and op != "LSTM"
    batch, steps, depth, cells = d.randint(1, 3), d.randint(1, 5), d.randint(1, 9), d.randint(2, 9)
    projection = d.choice((None, None, "bias", "plain"))
    outputs = d.randint(1, cells) if projection else cells
    values, intermediates = recurrent.lstm_values(kind.split()[0], batch, steps, depth, cells, outputs, d.chance(0.3), d.chance(0.3), projection, d.chance(0.3), time_major)
    if op == "LSTM":
        values[0].shape = [batch, depth]
    y = Y("int8", (0.01 * 2 ** d.uniform(-1, 1), d.randint(-40, 40))) if kind == "int8" else Y()
    for value in [*values, *intermediates]:
        if value is not None and value.q and value.dtype in ("int8", "int16") and value.kind in ("const", "result", "input"):
            value.q = (value.q[0] * 2 ** d.uniform(-1, 1), value.q[1] if value.dtype == "int16" or value.kind == "const" else d.randint(-40, 40))
    values[18].q = y.q
    clips = {"cell_clip": d.choice((0.0, 0.0, 0.5, 2.0)), "proj_clip": d.choice((0.0, 0.0, 0.4)) if projection else 0.0}
    if op != "LSTM":
        clips["time_major"] = time_major
    return Case(op, kind, "", Graph([N(op, values, [y], intermediates, fused_activation_function="TANH", **clips,
                                       asymmetric_quantize_inputs=kind.endswith("asymmetric"))]), runs=3, compare=sequence.compare(kind))


@makes("UNIDIRECTIONAL_SEQUENCE_RNN", "RNN")
def rnn(d, op):
    kind, major = d.choice(sequence.KINDS), d.chance(0.5)
    batch, steps, depth, units = d.randint(1, 3), d.randint(1, 5), d.randint(1, 17), d.randint(1, 9)
    shape = (batch, depth) if op == "RNN" else (steps, batch, depth) if major else (batch, steps, depth)
    layer = [sequence.weights(kind, units, depth), sequence.weights(kind, units, units), sequence.biases(units), V((batch, units))]
    return single(op, kind, "", [X(shape, low=-2, high=2), *layer], Y(), runs=3, compare=sequence.compare(kind), **({} if op == "RNN" else {"time_major": major}),
                  fused_activation_function=d.choice(("TANH", "RELU", "RELU6", "NONE")), asymmetric_quantize_inputs=kind.endswith("asymmetric"))
