"""Functions of one value with a shape of their own: activations, softmax, normalisation, and the plain unary maths."""
import numpy as np

from builder import K, X, Y
from case import single

ALL_INT8 = np.arange(-128, 128).reshape(2, 128)
ALL_UINT8 = np.arange(256).reshape(2, 128)
SOME_INT16 = np.linspace(-32768, 32767, 1500).round().reshape(3, 500)
WIDE = np.concatenate([np.linspace(-12, 12, 97), [0.0, -0.0, 1e-8, -1e-8, 89, -89, 104, -104, np.inf, -np.inf]]).reshape(1, 107)
EVERY = {"int8": ALL_INT8, "uint8": ALL_UINT8, "int16": SOME_INT16, "float32": WIDE}


def every(kind, q=None, data=None):
    data = EVERY[kind] if data is None else data
    return X(data.shape, kind, q, data=data)


def relus():
    for op in ("RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1"):
        yield single(op, "float32", "wide", [every("float32")], Y())
        yield single(op, "float32", "rank 5", [X((1, 2, 3, 1, 4))], Y())
        for kind, settings in (("int8", (((0.1, -10), (0.1, -10)), ((0.05, 20), (0.08, -128)), ((0.03, 127), (0.01, 0)))),
                               ("uint8", (((0.1, 128), (0.1, 128)), ((0.05, 100), (0.03, 0)))),
                               ("int16", (((0.001, 0), (0.001, 0)), ((0.0005, 0), (0.0003, 0))))):
            for number, (a, b) in enumerate(settings):
                yield single(op, kind, f"setting {number}", [every(kind, a)], Y(kind, b))


def curves():
    for op, out in (("LOGISTIC", {"int8": (1 / 256, -128), "uint8": (1 / 256, 0), "int16": (1 / 32768, 0)}),
                    ("TANH", {"int8": (1 / 128, 0), "uint8": (1 / 128, 128), "int16": (1 / 32768, 0)})):
        yield single(op, "float32", "wide", [every("float32")], Y())
        yield single(op, "float32", "rank 4", [X((2, 3, 1, 5))], Y())
        for kind, settings in (("int8", ((0.1, -10), (0.02, 127), (0.6, -128))), ("uint8", ((0.1, 128), (0.03, 0), (0.5, 255))),
                               ("int16", ((2 ** -12, 0), (0.0004, 0), (2 ** -11, 0), (0.002, 0)))):
            for number, a in enumerate(settings):
                yield single(op, kind, f"setting {number}", [every(kind, a)], Y(kind, out[kind]))
    for op in ("HARD_SWISH", "ELU", "GELU", "LEAKY_RELU"):
        extra = {"GELU": ({"approximate": False}, {"approximate": True}), "LEAKY_RELU": ({"alpha": 0.1}, {"alpha": 0.7}, {"alpha": -0.3})}
        for rest in extra.get(op, ({},)):
            label = " ".join(f"{k} {v}" for k, v in rest.items())
            yield single(op, "float32", f"wide {label}".strip(), [every("float32")], Y(), **rest)
            for kind, settings in (("int8", (((0.1, -10), (0.08, -90)), ((0.05, 20), (0.05, -5)), ((0.02, -128), (0.2, 127)))),
                                   ("uint8", (((0.1, 128), (0.08, 30)), ((0.05, 100), (0.05, 100)))),
                                   ("int16", (((0.001, 0), (0.0008, 0)), ((0.0003, 0), (0.001, 0))))):
                for number, (a, b) in enumerate(settings):
                    yield single(op, kind, f"setting {number} {label}".strip(), [every(kind, a)], Y(kind, b), **rest)


def tiny_scales():
    """Scales so small that 16-bit arithmetic shifts every bit out."""
    yield single("HARD_SWISH", "int8", "gate of no bits", [every("int8", (1.675e-07, 57))], Y("int8", (6.575e-07, 0)))
    yield single("HARD_SWISH", "int8", "result of no bits", [every("int8", (0.001, -20))], Y("int8", (0.8, 5)))
    yield single("HARD_SWISH", "uint8", "gate of no bits", [every("uint8", (1e-07, 100))], Y("uint8", (3e-07, 128)))


def softmaxes():
    shapes = ((1, 10), (3, 17), (2, 3, 5), (1, 2, 3, 4), (4, 1), (7,), (2, 300))
    for shape in shapes:
        for beta in (1.0, 0.3) if shape in ((3, 17), (2, 3, 5)) else (1.0,):
            label = f"{list(shape)} beta {beta}"
            yield single("SOFTMAX", "float32", label, [X(shape)], Y(), beta=beta)
            for number, scale in enumerate((0.1, 0.7) if len(shape) < 4 else (0.02,)):
                for kind, q, result, q_out in (
                        ("int8", (scale, 5), "int8", (1 / 256, -128)), ("uint8", (scale, 128), "uint8", (1 / 256, 0)),
                        ("int8 to int16", (scale, -30), "int16", (1 / 65536, -32768)), ("int16", (scale / 200, 0), "int16", (1 / 32768, 0))):
                    if shape == (2, 300) and scale < 0.5:
                        continue
                    yield single("SOFTMAX", kind, f"{label} scale {number}", [X(shape, kind.split()[0], q)], Y(result, q_out), beta=beta)
        yield single("LOG_SOFTMAX", "float32", f"{list(shape)}", [X(shape)], Y())
        for kind, q, q_out in (("int8", (0.1, 5), (16 / 256, 127)), ("uint8", (0.1, 128), (16 / 256, 255)), ("int8 wide", (0.5, -40), (16 / 256, 127))):
            yield single("LOG_SOFTMAX", kind, f"{list(shape)}", [X(shape, kind.split()[0], q)], Y(kind.split()[0], q_out))
    yield single("SOFTMAX", "float32", "large values", [X((2, 4), data=[[1000, 1001, -1000, 999], [-3e38, 3e38, 0, 0]])], Y(), beta=1.0)
    yield single("SOFTMAX", "int8", "all equal", [X((2, 9), "int8", (0.1, 0), data=np.full((2, 9), -128))], Y("int8", (1 / 256, -128)), beta=1.0)
    yield single("SOFTMAX", "int8", "one winner", [X((1, 9), "int8", (0.3, 0), data=[[-128] * 8 + [127]])], Y("int8", (1 / 256, -128)), beta=1.0)
    yield single("SOFTMAX", "float32", "resized, unknown batch", [X((1, 5), signature=(-1, 5), run_shape=(3, 5))], Y(), beta=1.0)


def normalisations():
    for shape in ((2, 5), (1, 3, 4, 8), (3, 1), (2, 3, 17)):
        yield single("L2_NORMALIZATION", "float32", f"{list(shape)}", [X(shape)], Y())
        for kind, q, q_out in (("int8", (0.05, -7), (1 / 128, 0)), ("uint8", (0.05, 120), (1 / 128, 128)), ("int8 edge", (0.05, 127), (1 / 128, 0))):
            yield single("L2_NORMALIZATION", kind, f"{list(shape)}", [X(shape, kind.split()[0], q)], Y(kind.split()[0], q_out))
    yield single("L2_NORMALIZATION", "float32", "zeros", [X((2, 5), data=np.zeros((2, 5)))], Y())
    yield single("L2_NORMALIZATION", "int8", "zeros", [X((2, 5), "int8", (0.05, -7), data=np.full((2, 5), -7))], Y("int8", (1 / 128, 0)))
    for radius, bias, alpha, beta in ((2, 1.0, 0.5, 0.75), (5, 2.0, 0.1, 0.5), (0, 1.0, 1.0, 1.0)):
        yield single("LOCAL_RESPONSE_NORMALIZATION", "float32", f"radius {radius} beta {beta}", [X((1, 3, 4, 9))], Y(),
                     radius=radius, bias=bias, alpha=alpha, beta=beta)


def prelu():
    for shape, slope in (((1, 4, 5, 3), (1, 1, 3)), ((2, 3, 4, 8), (3, 4, 8)), ((1, 4, 4, 2), (1, 1, 1)), ((2, 6), (6,)), ((1, 3, 5, 2), (1, 5, 1))):
        yield single("PRELU", "float32", f"{list(shape)} {list(slope)}", [X(shape), K(slope, "float32", low=-1, high=1)], Y())
        for kind, settings in (("int8", (((0.05, -10), (0.01, 20), (0.04, -30)), ((0.02, -128), (0.02, 127), (0.1, 0)))),
                               ("uint8", (((0.05, 118), (0.01, 128), (0.04, 98)),))):
            for number, (a, b, c) in enumerate(settings):
                yield single("PRELU", kind, f"{list(shape)} {list(slope)} setting {number}", [X(shape, kind, a), K(slope, kind, b)], Y(kind, c))


POSITIVE = np.concatenate([np.linspace(0.01, 40, 60), [1e-30, 1e30, 3e-39, 1.0]]).reshape(4, 16)


def unary():
    for op in ("SQRT", "RSQRT", "LOG"):
        yield single(op, "float32", "positive", [every("float32", data=POSITIVE)], Y())
        yield single(op, "float32", "edges", [every("float32", data=np.array([0.0, -0.0, -1, np.inf, np.nan]))], Y())
    for op in ("EXP", "SIN", "COS", "ABS", "NEG", "SQUARE", "FLOOR", "CEIL", "ROUND", "SIGN", "ZEROS_LIKE"):
        yield single(op, "float32", "wide", [every("float32")], Y())
        yield single(op, "float32", "rank 5", [X((1, 2, 3, 1, 4))], Y())
    halves = np.array([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999997, 8388609.0, -0.2, 1e10, np.nan])
    for op in ("FLOOR", "CEIL", "ROUND", "SIGN", "ABS"):
        yield single(op, "float32", "halves", [every("float32", data=halves)], Y())
    for op, kinds in (("ABS", ("int8", "int16", "int32")), ("NEG", ("int32", "int64", "int8")), ("SIGN", ("int32",)), ("SQUARE", ("int32",)),
                      ("ZEROS_LIKE", ("int32", "int64")), ("EXP", ("int8", "int16")), ("LOG", ("int8",)), ("RSQRT", ("int8", "int16")),
                      ("SQRT", ("int8", "int16")), ("SIN", ("int8", "int16")), ("COS", ("int8", "int16"))):
        for kind in kinds:
            if kind in ("int32", "int64"):
                yield single(op, kind, "", [X((3, 5), kind)], Y(kind))
                continue
            positive = op in ("LOG", "SQRT", "RSQRT")
            for number, (a, b) in enumerate(((0.05, 0.04), (0.02, 0.06), (0.1, 0.3)) if kind == "int8" else ((0.001, 0.0009), (0.0002, 0.001))):
                zero = (-128 if positive else (-10, 0, 30)[number]) if kind == "int8" else 0
                data = EVERY[kind] if kind == "int8" or not positive else np.linspace(1, 32767, 300).round().reshape(1, 300)
                if positive and kind == "int8":
                    data = ALL_INT8.reshape(1, 256)[:, 1:]
                zero_out = (-5, -128, 60)[number] if kind == "int8" else 0
                zero, zero_out = (0, 0) if op == "NEG" else (zero, zero_out)  # its kernel works on the bare integers
                yield single(op, kind, f"setting {number}", [every(kind, (a, zero), data)], Y(kind, (b if op != "NEG" else a, zero_out)))
    yield single("LOGICAL_NOT", "bool", "", [X((3, 5), "bool")], Y("bool"))


def cases():
    yield from relus()
    yield from curves()
    yield from tiny_scales()
    yield from softmaxes()
    yield from normalisations()
    yield from prelu()
    yield from unary()
