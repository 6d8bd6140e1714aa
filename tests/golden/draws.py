"""Random cases of one operator: what explore.py asks the oracle. A maker draws shapes, attributes, quantisation and operands.

What the reference gets wrong or leaves undefined is not drawn; docs/exactness.md lists it.
"""
import math
import random

import numpy as np

from builder import K, RANGE, X, Y
from case import single

ACTIVATIONS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")
SMALL = ("float32", "int8", "uint8", "int16")
COPIED = (*SMALL, "int32", "int64", "bool")
RARE = ("float16", "float64", "uint16", "uint32", "uint64", "complex64", *COPIED)
MAKERS = {}


def makes(*names):
    """Registers a function (draw, operator) -> Case for these operators."""
    def register(function):
        MAKERS.update({name: function for name in names})
        return function
    return register


class Draw(random.Random):
    """Random choices in the proportions where kernels go wrong: ones and edges often, empty dimensions at times."""

    def chance(self, probability):
        return self.random() < probability

    def kind(self, usual):
        return self.choice(RARE if self.chance(0.1) else usual)

    def dim(self):
        return 0 if self.chance(0.004) else self.choice((1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 17))

    def dims(self, low, high):
        shape = [self.dim() for _ in range(self.randint(low, high))]
        if shape and self.chance(0.04):
            shape[self.randrange(len(shape))] = self.choice((64, 100, 257, 1000))
        while np.prod(shape) > 8000:
            shape[shape.index(max(shape))] = 2
        return tuple(shape)

    def q(self, kind, zero=None):
        """Scale and zero point: realistic in most cases, extreme in some, None for types without."""
        if kind not in RANGE or kind == "uint16":
            return None
        wide, (low, high) = kind == "int16", RANGE[kind]
        scale = 10 ** (self.uniform(-7, 2) if self.chance(0.08) else self.uniform(-5, -2) if wide else self.uniform(-3, 0))
        if self.chance(0.1):
            scale = 2.0 ** round(math.log2(scale))
        if wide:
            return scale, 0
        return scale, self.choice((low, high, (low + high + 1) // 2, *[self.randint(low, high)] * 3)) if zero is None else zero

    def near(self, q, kind, spread=3):
        """A quantisation whose range is about that of q, far from it at times."""
        spread = 14 if self.chance(0.06) else spread
        return q and (q[0] * 2 ** self.uniform(-spread, spread), self.q(kind)[1])

    def feed(self, shape, kind, q=None, constant=0.2, **rest):
        """An operand: an input or a constant; floats hold special values at times."""
        if kind == "float32" and not rest and self.chance(0.04):
            special = [0.0, -0.0, 1, -1, math.inf, -math.inf, math.nan, 3e38, -3e38, 1e-40, 0.5, 2.5]
            rest = {"data": np.array(self.choices(special, k=math.prod(shape)), np.float32).reshape(shape)}
        if self.chance(constant):
            return K(shape, kind, q, **rest) if "data" not in rest else K(rest["data"].astype(kind), kind, q)
        return X(shape, kind, q, **rest)

    def ints(self, values, kind="int32", constant=0.7):
        """Index operands, known beforehand or not."""
        data = np.array(values, kind)
        return K(data) if self.chance(constant) else X(data.shape, kind, data=data)

    def axis(self, rank):
        return self.randint(-rank, rank - 1)

    def apart(self, shape):
        """Two shapes that broadcast to this one."""
        sides = [[1 if self.chance(0.2) else n for n in shape], [1 if self.chance(0.2) else n for n in shape]]
        sides = [side if self.chance(0.6) else side[self.randint(0, len(side)):] for side in sides]
        if self.chance(0.3):
            sides = [shape, shape]
        return [tuple(side) for side in sides]


def resized(d, case, value):
    """At times, the same session meets several batch sizes."""
    if case.op == "FULLY_CONNECTED" and len(value.shape) == 1:
        return case  # its only dimension is the depth
    if value.kind == "input" and value.data is None and value.shape and 0 not in value.shape and d.chance(0.1):
        sizes = [value.shape[0], *(d.randint(1, 5) for _ in range(2))]
        value.signature, kept = [-1, *value.shape[1:]], value.run_shape
        value.each = []
        for size in sizes:
            value.run_shape = [size, *value.shape[1:]]
            value.each.append(value.sample(np.random.default_rng(d.randint(0, 2 ** 31))))
        value.run_shape, case.runs = kept, len(sizes)
    return case


# --- sums of products ---------------------------------------------------------------------------------------------------

PRODUCTS = ("float32", "int8", "int8 per-tensor", "uint8", "int16", "int16 int32-bias", "hybrid", "hybrid per-tensor", "int4",
            "hybrid int4")


def products(d, kind, shape, filter_shape, axis, channels, depth, zero=False):
    """Operands of a sum of products and its result; the result's scale fits the sums in most cases."""
    held = kind.split()[0]
    filter_kind = "int4" if "int4" in kind else {"hybrid": "int8", "int16": "int8"}.get(held, held)
    if kind == "float32":
        y = Y()
        x, f, b = X(shape), d.feed(filter_shape, kind, constant=0.9, low=-1, high=1), d.feed((channels,), kind, constant=0.9)
    else:
        alone = "per-tensor" in kind or kind == "uint8"
        spread = d.choice((0.2, 1, 4))
        middle = d.uniform(-3.3, -1.3)
        scales = [10 ** (middle + d.uniform(-spread, spread) / 2) for _ in range(1 if alone else channels)]
        offset = d.randint(0, 255) if kind == "uint8" else d.randint(-20, 20) if zero and alone and held != "hybrid" and d.chance(0.1) else 0
        f = K(filter_shape, filter_kind, (scales[0], offset) if alone else (scales, 0, axis), low=-127 if filter_kind == "int8" else None)
        if held == "hybrid":
            x, b, y = X(shape), K((channels,), "float32"), Y()
        else:
            act = "int8" if held == "int4" else held
            q = d.q(act)
            q = (min(max(q[0], 1e-5), 1.0), q[1])
            level = 5 if filter_kind == "int4" else 74
            size = q[0] * float(np.median(scales)) * level * math.sqrt(max(depth, 1)) * (1 if act == "int16" else 74 / 60)
            size *= 2 ** (d.uniform(-4, 12) if d.chance(0.15) else d.uniform(-1.5, 2))
            x, y = X(shape, act, q), Y(act, (size, d.q(act)[1]))
            most = 10 ** d.uniform(1, 5.5 if act != "int16" else 6.5)
            bias_q = (q[0] * scales[0], 0) if alone else ([q[0] * s for s in scales], 0)
            b = K((channels,), "int64" if kind == "int16" else "int32", bias_q, low=-int(most), high=int(most))
        if d.chance(0.05) and filter_kind != "int4":
            f.kind = "input"
    marked = {"quantized_bias_type": "INT32"} if kind == "int16 int32-bias" else {}
    return x, f, None if d.chance(0.15) else b, y, marked


@makes("CONV_2D", "DEPTHWISE_CONV_2D")
def conv(d, op):
    deep = op == "DEPTHWISE_CONV_2D"
    kind = d.choice([k for k in PRODUCTS if not deep or k in (*PRODUCTS[:5], "hybrid", "int4")])
    (kh, kw), (sh, sw) = [d.choice((1, 2, 3, 3, 4, 5)) for _ in "hw"], [d.choice((1, 1, 2, 3)) for _ in "hw"]
    dh, dw = [d.choice((1, 1, 1, 2, 3)) for _ in "hw"]
    pad = d.choice(("SAME", "VALID"))
    low = [(k - 1) * n + 1 if pad == "VALID" else 1 for k, n in ((kh, dh), (kw, dw))]
    h, w = [n + d.choice((0, 1, 2, 3, 5, 8)) for n in low]
    if deep:
        c, rest = d.choice((1, 2, 3, 4, 8, 17)), {"depth_multiplier": d.choice((1, 1, 2, 3, 8))}
        channels = c * rest["depth_multiplier"]
        filter_shape, axis, depth = (1, kh, kw, channels), 3, kh * kw
    else:
        groups, inner, rest = d.choice((1, 1, 1, 1, 2, 3)), d.choice((1, 2, 3, 4, 8, 17)), {}
        c, channels = groups * inner, groups * d.choice((1, 2, 3, 5, 8))
        filter_shape, axis, depth = (channels, kh, kw, inner), 0, kh * kw * inner
    x, f, b, y, marked = products(d, kind, (d.randint(1, 3), h, w, c), filter_shape, axis, channels, depth)
    return resized(d, single(op, kind, "", [x, f, b] if b or d.chance(0.5) else [x, f], y, padding=pad, stride_h=sh, stride_w=sw,
                             dilation_h_factor=dh, dilation_w_factor=dw, fused_activation_function=d.choice(ACTIVATIONS),
                             **rest, **({} if deep else marked)), x)


@makes("TRANSPOSE_CONV")
def transpose_conv(d, op):
    kind = d.choice(PRODUCTS[:6])
    h, w, o, c = d.randint(1, 9), d.randint(1, 9), d.choice((1, 2, 3, 8)), d.choice((1, 2, 3, 5, 17))
    (kh, kw), (sh, sw), pad = [d.randint(1, 4) for _ in "hw"], [d.randint(1, 3) for _ in "hw"], d.choice(("SAME", "VALID"))
    if pad == "VALID":
        h, w = max(h, kh), max(w, kw)
    ih, iw = (-(-h // sh), -(-w // sw)) if pad == "SAME" else (-(-(h - kh + 1) // sh), -(-(w - kw + 1) // sw))
    n = d.randint(1, 3)
    x, f, b, y, marked = products(d, kind, (n, ih, iw, c), (o, kh, kw, c), 0, o, kh * kw * c / (sh * sw) + 1)
    return single(op, kind, "", [d.ints((n, h, w, o), constant=0.9), f, x] + [b] * (b is not None), y, padding=pad, stride_h=sh, stride_w=sw,
                  fused_activation_function=d.choice(ACTIVATIONS), **(marked if b else {}))


@makes("FULLY_CONNECTED")
def fully_connected(d, op):
    kind = d.choice(PRODUCTS)
    depth, units = d.choice((1, 2, 3, 7, 8, 16, 33, 64)), d.choice((1, 2, 3, 4, 5, 8, 17))
    lead = [d.randint(1, 4) for _ in range(d.choice((0, 1, 1, 1, 2, 3)))]
    keep = d.chance(0.3) and len(lead) > 0
    if not keep and len(lead) > 1 and d.chance(0.3):
        lead[-1], depth = lead[-1] * 2, depth // 2 or 1  # rows that do not end where the input's do
        x, f, b, y, marked = products(d, kind, (*lead, depth), (units, depth * 2), 0, units, depth * 2, zero=True)
    else:
        x, f, b, y, marked = products(d, kind, (*lead, depth), (units, depth), 0, units, depth, zero=True)
    rest = {"asymmetric_quantize_inputs": True} if kind.startswith("hybrid") and d.chance(0.5) else {}
    if kind in ("float32", "int8 per-tensor", "uint8") and d.chance(0.1):
        f = X(f.shape, f.dtype, f.q)
    return resized(d, single(op, kind, "", [x, f, b] if b or d.chance(0.5) else [x, f], y, keep_num_dims=keep,
                             fused_activation_function=d.choice(ACTIVATIONS), **rest, **marked), x)


@makes("BATCH_MATMUL")
def batch_matmul(d, op):
    kind = d.choice(("float32", "int8", "int16", "int8 to int32", "hybrid"))
    rows, inner, columns = [d.choice((1, 2, 3, 5, 8, 17)) for _ in range(3)]
    batch = d.dims(0, 1) if kind == "hybrid" else d.dims(0, 3)
    left, right = (batch, batch) if kind == "hybrid" else d.apart(batch)
    adj_x, adj_y = d.chance(0.4), d.chance(0.4)
    a = (*left, inner, rows) if adj_x else (*left, rows, inner)
    b = (*right, columns, inner) if adj_y else (*right, inner, columns)
    rest = {"adj_x": adj_x, "adj_y": adj_y}
    if kind == "hybrid":
        rest["asymmetric_quantize_inputs"] = d.chance(0.5)
        q = (d.uniform(0.001, 0.1), 0)
        if math.prod(batch) == 1 and d.chance(0.5):
            q = ([d.uniform(0.001, 0.1) for _ in range(columns)], 0, len(b) - 2 if adj_y else len(b) - 1)
        return single(op, kind, "", [X(a), K(b, "int8", q, low=-127)], Y(), **rest)
    held = kind.split()[0]
    p, q = d.q(held), d.q(held)
    size = p and p[0] * q[0] * 74 * (74 / 60 if held == "int8" else 18000) * math.sqrt(inner) * 2 ** d.uniform(-2, 4)
    result = "int32" if kind.endswith("int32") else held
    out = p and (size, d.q(held)[1] if result != "int32" else 0)
    return single(op, kind, "", [X(a, held, p), d.feed(b, held, q, low=-4 if held == "float32" else None)], Y(result, out), **rest)


# --- element by element -------------------------------------------------------------------------------------------------

BINARY = {"ADD": (*SMALL, "int32", "int64"), "SUB": (*SMALL, "int32", "int64"), "MUL": (*SMALL, "int32", "int64"),
          "DIV": ("float32", "uint8", "int32"), "MAXIMUM": (*SMALL, "int32", "int64"), "MINIMUM": (*SMALL, "int32", "int64"),
          "SQUARED_DIFFERENCE": ("float32", "int8", "int32"), "POW": ("float32", "int32"),
          "FLOOR_DIV": ("float32", "int32", "int64", "int8", "int16"), "FLOOR_MOD": ("float32", "int32", "int64", "int8", "int16")}
COMPARISONS = {op: ("float32", "int32", "int64", "int8", "uint8") + ("int16",) * (op != "NOT_EQUAL") for op in (
    "EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL")}


@makes(*BINARY)
def binary(d, op):
    kind = d.kind(BINARY[op])
    left, right = d.apart(d.dims(0, 6 if op in ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM") else 4))
    a = None if op.startswith("FLOOR") else d.q(kind)
    b = a if op in ("MAXIMUM", "MINIMUM") or d.chance(0.3) else d.near(a, kind, 5)
    result = a and {"MUL": a[0] * (b[0] if b else 1) * 60, "SQUARED_DIFFERENCE": max(a[0], b[0]) ** 2 * 60, "DIV": a[0] / b[0] / 40}.get(op, max(a[0], b[0]))
    c = a if op in ("MAXIMUM", "MINIMUM") else a and (result * 2 ** d.uniform(-4, 4), d.q(kind)[1])
    x, y = d.feed(left, kind, a), d.feed(right, kind, b)
    if op in ("DIV", "FLOOR_DIV", "FLOOR_MOD") or op == "POW":
        low, high = (0, 3) if op == "POW" else (1, 9)
        if op == "DIV" and a:  # both well away from their zero points, where the reference is sane
            for value, away in ((x, 60), (y, 20)):
                (low, high), zero = RANGE[kind], value.q[1]
                away *= 64 if kind == "int16" else 1
                value.low, value.high = (zero + away, high) if 2 * zero < low + high else (low, zero - away)
        elif kind != "float32" or op == "POW":
            y.low, y.high = (-high, -low) if d.chance(0.3) and op != "POW" else (low, high)
            x.low = 0 if op == "POW" and kind == "float32" else None
    rest = {} if op not in ("ADD", "SUB", "MUL", "DIV") else {"fused_activation_function": d.choice(ACTIVATIONS)}
    if op in ("ADD", "SUB") and kind == "int16":
        rest["pot_scale_int16"] = d.chance(0.5)
    return single(op, kind, "", [x, y], Y(kind, c), **rest)


@makes(*COMPARISONS)
def comparison(d, op):
    kind = d.kind(COMPARISONS[op])
    left, right = d.apart(d.dims(0, 4))
    a = None if kind == "int16" else d.q(kind)
    a = a and (min(a[0], 0.49), a[1])  # the reference shifts by a negative count where a scale is 1 or more
    b = a if d.chance(0.3) else d.near(a, kind, 1)
    b = b and (min(b[0], 0.9), b[1])
    x, y = d.feed(left, kind, a), d.feed(right, kind, b)
    for value in (x, y):
        if a is None and kind != "float32":
            value.low, value.high = (-2, 2)
        elif a is not None and d.chance(0.5):
            low, high = RANGE[kind]
            value.low, value.high = max(low, value.q[1] - 5), min(high, value.q[1] + 5)
    return single(op, kind, "", [x, y], Y("bool"))


UNARY = {"RELU": SMALL, "RELU6": SMALL, "RELU_N1_TO_1": SMALL, "RELU_0_TO_1": SMALL, "LOGISTIC": SMALL, "TANH": SMALL, "HARD_SWISH": SMALL[:3],
         "ELU": ("float32", "int8"), "GELU": SMALL, "LEAKY_RELU": SMALL, "ABS": ("float32", "int8", "int16", "int32"), "NEG": ("float32", "int32", "int64"),
         "EXP": ("float32", "int8", "int16"), "LOG": ("float32", "int8"), "SQRT": ("float32", "int8", "int16"), "RSQRT": ("float32", "int8", "int16"),
         "SIN": ("float32",), "COS": ("float32",), "SQUARE": ("float32",), "FLOOR": ("float32",), "CEIL": ("float32",), "ROUND": ("float32",)}
FIXED = {"LOGISTIC": {"int8": (1 / 256, -128), "uint8": (1 / 256, 0), "int16": (1 / 32768, 0)},
         "TANH": {"int8": (1 / 128, 0), "uint8": (1 / 128, 128), "int16": (1 / 32768, 0)},
         "SOFTMAX": {"int8": (1 / 256, -128), "uint8": (1 / 256, 0), "int16": (1 / 32768, 0)},
         "LOG_SOFTMAX": {"int8": (16 / 256, 127), "uint8": (16 / 256, 255)},
         "L2_NORMALIZATION": {"int8": (1 / 128, 0), "uint8": (1 / 128, 128)}}


@makes(*UNARY)
def unary(d, op):
    kind, shape = d.choice(UNARY[op]), d.dims(0, 5)
    positive = op in ("LOG", "SQRT", "RSQRT")
    a = d.q(kind, -128 if positive and kind == "int8" else None)
    if op in ("LOGISTIC", "TANH") and kind == "int16" and d.chance(0.5):
        a = (2.0 ** -d.randint(8, 15), 0)
    if kind == "int16" and op in ("LOGISTIC", "TANH", "EXP"):  # beyond, integers and exponentials overflow
        a = (min(a[0], 0.0026 if op == "EXP" else 4), 0)
    if positive:
        x = X(shape, kind, a, low=0.01 if kind == "float32" else -127 if kind == "int8" else 1)
    else:
        # near -4, GELU is a small difference of large numbers: no lone value has five digits
        x = d.feed(shape, kind, a, constant=0, **({"low": -2} if op == "GELU" and kind == "float32" else {}))
    b = FIXED[op][kind] if op in FIXED and kind != "float32" else a if d.chance(0.2) else d.near(a, kind)
    rest = {"GELU": {"approximate": d.chance(0.5)}, "LEAKY_RELU": {"alpha": d.choice((0.01, 0.1, 0.3, 1.0, 1.5, -0.2, d.uniform(-2, 2)))}}.get(op, {})
    return resized(d, single(op, kind, "", [x], Y(kind, b), **rest), x)


@makes("SOFTMAX", "LOG_SOFTMAX", "L2_NORMALIZATION")
def rows(d, op):
    kind = d.choice(SMALL if op == "SOFTMAX" else SMALL[:3])
    q, shape = d.q(kind), d.dims(1, 4)
    result, out = kind, FIXED[op].get(kind)
    if op == "SOFTMAX" and kind == "int8" and d.chance(0.2):
        result, out = "int16", (1 / 65536, -32768)
    x = X(shape, kind, q)
    return resized(d, single(op, f"{kind} to {result}", "", [x], Y(result, out), **({"beta": d.choice((1.0, 1.0, 0.3, 2.0, 10.0))} if op == "SOFTMAX" else {})), x)


@makes("PRELU")
def prelu(d, op):
    kind, shape = d.choice(SMALL[:3]), d.dims(1, 4)
    a = d.q(kind)
    return single(op, kind, "", [X(shape, kind, a), d.feed(tuple(1 if d.chance(0.4) else n for n in shape)[d.randint(0, 1):], kind, d.q(kind), 0.9)], Y(kind, d.near(a, kind)))


@makes("QUANTIZE")
def quantize(d, op):
    kind, result = d.choice(SMALL + ("int32",)), d.choice(("int8", "uint8", "int16", "int32"))
    if kind == "float32" and result == "int32":
        result = "int8"
    shape, a = d.dims(0, 5), (10 ** d.uniform(-4, 0), 0) if kind == "int32" else d.q(kind)
    b = d.near(a or d.q("int8"), result if result != "int32" else "int16", 6)
    if kind == "float32":
        most = b[0] * 10 ** d.uniform(1, 4)
        return single(op, f"{kind} to {result}", "", [X(shape, kind, low=-most, high=most)], Y(result, b))
    return single(op, f"{kind} to {result}", "", [X(shape, kind, a)], Y(result, b))


@makes("DEQUANTIZE")
def dequantize(d, op):
    kind, shape = d.choice(("int8", "uint8", "int16", "float16")), d.dims(1, 5)
    q = d.q(kind)
    if kind in ("int8", "uint8") and d.chance(0.3):
        axis = d.randint(0, len(shape) - 1)
        q = ([d.q(kind)[0] for _ in range(shape[axis])], [d.q(kind)[1] for _ in range(shape[axis])], axis)
    return single(op, kind, "", [X(shape, kind, q)], Y())


@makes("CAST")
def cast(d, op):
    kinds = ("float32", "int32", "int64", "uint8", "int8", "int16", "bool", "float64", "float16", "uint32", "uint16")
    kind, result, shape = d.choice(kinds), d.choice(kinds), d.dims(0, 5)
    low = 0 if "u" in result or "u" in kind else -100
    x = X(shape, kind) if kind == "bool" else X(shape, kind, low=low, high=100)
    return single(op, f"{kind} to {result}", "", [x], Y(result), in_data_type=kind.upper(), out_data_type=result.upper())


# --- windows and reductions ---------------------------------------------------------------------------------------------

@makes("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D")
def pool(d, op):
    kind = d.choice(SMALL if op != "L2_POOL_2D" else ("float32",))
    fh, fw, pad, q = d.randint(1, 6), d.randint(1, 6), d.choice(("SAME", "VALID")), d.q(kind)
    h, w = [d.randint(f if pad == "VALID" else 1, 12) for f in (fh, fw)]
    x = X((d.randint(1, 3), h, w, d.choice((1, 2, 3, 8, 17))), kind, q)
    return resized(d, single(op, kind, "", [x], Y(kind, q), padding=pad, filter_height=fh, filter_width=fw, stride_h=d.randint(1, 4),
                             stride_w=d.randint(1, 4), fused_activation_function=d.choice(ACTIVATIONS)), x)


@makes("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD", "REDUCE_ANY", "REDUCE_ALL")
def reduce(d, op):
    kind = "bool" if op in ("REDUCE_ANY", "REDUCE_ALL") else d.choice([k for k in (*SMALL, "int32", "int64") if not (
        op == "REDUCE_PROD" and k in ("uint8", "int16") or op == "SUM" and k in ("int8", "int16"))])
    shape, a = d.dims(1, 5), d.q(kind)
    axes = [d.axis(len(shape)) for _ in range(d.randint(0 if d.chance(0.1) else 1, len(shape)))]
    b = a if op in ("REDUCE_MAX", "REDUCE_MIN") or d.chance(0.3) else d.near(a, kind)
    if op == "REDUCE_PROD" and b:  # the reference never sets the product of no codes
        shape = tuple(n or 1 for n in shape)
        a, b = (1 / 64, 0), (1 / 100, d.randint(-9, 9))
    x = X(shape, kind, a, **({"low": -2, "high": 2} if op == "REDUCE_PROD" else {}))
    if op == "REDUCE_PROD" and kind == "int8":
        x.low, x.high = -70, 70
    return resized(d, single(op, kind, "", [x, d.ints(axes if len(axes) != 1 or d.chance(0.6) else axes[0])], Y(kind, b), keep_dims=d.chance(0.5)), x)


@makes("ARG_MAX", "ARG_MIN")
def arg(d, op):
    kind, shape = d.kind(("float32", "int8", "uint8", "int32", "bool")), d.dims(1, 5)
    x = X(shape, kind, d.q(kind), **({"low": 0, "high": 4} if d.chance(0.6) and kind in ("int8", "uint8", "int32") else {}))
    result = d.choice(("INT32", "INT64"))
    return single(op, kind, "", [x, d.ints(d.axis(len(shape)) if d.chance(0.5) else [d.axis(len(shape))])], Y(result.lower()), output_type=result)


@makes("TOPK_V2")
def topk(d, op):
    kind, shape = d.kind(("float32", "int8", "uint8", "int32", "int64", "int16")), d.dims(1, 4)
    x = d.feed(shape, kind, None, 0) if kind == "float32" else X(shape, kind, d.q(kind), low=0, high=d.choice((4, 100)))
    return single(op, kind, "", [x, d.ints(d.randint(0 if d.chance(0.05) else 1, max(shape[-1], 1)))], [Y(kind, x.q), Y("int32")])


@makes("CUMSUM")
def cumsum(d, op):
    kind, shape = d.kind(("float32", "int32", "int64")), d.dims(1, 5)
    return single(op, kind, "", [X(shape, kind), d.ints(d.axis(len(shape)))], Y(kind), exclusive=d.chance(0.5), reverse=d.chance(0.5))
