"""CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV, FULLY_CONNECTED: constant weights, every arithmetic."""
import itertools
import math

import numpy as np

from builder import I32, K, Graph, N, X, Y
from case import Case, single

ACTIVATIONS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")


def scales(count, low=0.002, high=0.02):
    """Per-channel weight scales, uneven on purpose."""
    return [round(low + (high - low) * ((i * 7 + 3) % 11) / 10, 6) for i in range(count)]


def quantized(kind, channels, depth, filter_shape, axis):
    """(input type and q, filter, bias, output type and q) of one arithmetic; depth = products per output."""
    weight = 0.01
    spread = math.sqrt(depth)
    if kind == "float32":
        return ("float32", None), K(filter_shape, "float32", low=-1, high=1), K((channels,), "float32"), ("float32", None)
    if kind == "int8":
        s = scales(channels)
        return (("int8", (0.05, -7)), K(filter_shape, "int8", q=(s, 0, axis), low=-127),
                K((channels,), "int32", q=([0.05 * w for w in s], 0), low=-900, high=900),
                ("int8", (0.05 * 0.01 * 74 * spread * 74 / 60, 5)))
    if kind == "int8 per-tensor":
        return (("int8", (0.05, 127)), K(filter_shape, "int8", q=(weight, 0), low=-127),
                K((channels,), "int32", q=(0.05 * weight, 0), low=-9000, high=9000),
                ("int8", (0.05 * weight * 74 * spread * 2, -128)))
    if kind == "uint8":
        return (("uint8", (0.05, 130)), K(filter_shape, "uint8", q=(weight, 117)),
                K((channels,), "int32", q=(0.05 * weight, 0), low=-900, high=900),
                ("uint8", (0.05 * weight * 74 * spread * 74 / 60, 120)))
    if kind == "int16":
        s = scales(channels)
        return (("int16", (0.0003, 0)), K(filter_shape, "int8", q=(s, 0, axis), low=-127),
                K((channels,), "int64", q=([0.0003 * w for w in s], 0), low=-90000, high=90000),
                ("int16", (0.0003 * 0.01 * 74 * spread * 0.7, 0)))
    if kind.startswith("int16 int32-bias"):
        input_q, filter_, bias, output_q = quantized("int16", channels, depth, filter_shape, axis)
        return input_q, filter_, K((channels,), "int32", q=bias.q, low=-90000, high=90000), output_q
    if kind == "hybrid":
        return ("float32", None), K(filter_shape, "int8", q=(scales(channels), 0, axis), low=-127), \
            K((channels,), "float32"), ("float32", None)
    if kind == "hybrid per-tensor":
        return ("float32", None), K(filter_shape, "int8", q=(weight, 0), low=-127), K((channels,), "float32"), ("float32", None)
    if kind == "int4":
        s = scales(channels, 0.05, 0.2)
        return (("int8", (0.05, -7)), K(filter_shape, "int4", q=(s, 0, axis)),
                K((channels,), "int32", q=([0.05 * w for w in s], 0), low=-900, high=900), ("int8", (0.05 * 0.1 * 4 * spread * 74 / 60, 5)))
    if kind == "hybrid int4":
        return ("float32", None), K(filter_shape, "int4", q=(scales(channels, 0.05, 0.2), 0, axis)), \
            K((channels,), "float32"), ("float32", None)
    raise ValueError(kind)


# (batch, height, width, input channels, output channels, kernel height, kernel width, stride h, stride w, dilation h, w)
CONV_SHAPES = (
    (1, 5, 7, 3, 8, 3, 3, 1, 1, 1, 1), (1, 8, 9, 1, 3, 3, 3, 2, 2, 1, 1), (2, 6, 5, 8, 17, 1, 1, 1, 1, 1, 1),
    (1, 11, 10, 3, 5, 5, 3, 3, 2, 1, 1), (1, 9, 12, 4, 3, 3, 2, 1, 1, 2, 3), (3, 4, 4, 17, 1, 2, 2, 2, 1, 1, 1),
    (1, 7, 7, 5, 8, 7, 7, 1, 1, 1, 1), (1, 1, 9, 3, 4, 1, 4, 1, 2, 1, 1),
)
CONV_KINDS = ("float32", "int8", "int8 per-tensor", "uint8", "int16", "int16 int32-bias", "hybrid", "hybrid per-tensor")


def scaled(shape, x, f, b, y, factor):
    """(inputs, output) with another output scale; without a factor, one below that of the products, and few small values."""
    if factor:
        return [X(shape, x[0], x[1]), f, b], Y(y[0], (y[1][0] * factor, y[1][1]))
    zero, middle = x[1][1], f.q[1] if f.dtype == "uint8" else 0
    f.low, f.high, b.low, b.high = middle - 2, middle + 2, -5, 5
    narrow = {"low": zero - 3, "high": zero + 3} if abs(zero) < 120 or x[0] == "uint8" else {"low": zero - 6, "high": zero}
    return [X(shape, x[0], x[1], **narrow), f, b], Y(y[0], (x[1][0] * float(np.min(f.q[0])) / 2.3, y[1][1]))


def marked(kind):
    """A 32-bit bias beside 16-bit values must be announced: unannounced, both resolvers read it as 64-bit numbers."""
    return {"quantized_bias_type": "INT32"} if kind == "int16 int32-bias" else {}


def conv():
    pads, acts = itertools.cycle(("SAME", "VALID")), itertools.cycle(ACTIVATIONS)
    for kind in CONV_KINDS + ("int4", "hybrid int4"):
        few = kind.endswith("int4") or kind == "int16 int32-bias"
        for n, h, w, c, o, kh, kw, sh, sw, dh, dw in CONV_SHAPES[:4] if few else CONV_SHAPES:
            for pad in ("SAME", "VALID"):
                act = next(acts)
                x, f, b, y = quantized(kind, o, kh * kw * c, (o, kh, kw, c), 0)
                yield single("CONV_2D", kind, f"{n}x{h}x{w}x{c} {kh}x{kw}x{o} stride {sh},{sw} dilation {dh},{dw} {pad} {act}",
                             [X((n, h, w, c), x[0], x[1]), f, b], Y(*y), padding=pad, stride_h=sh, stride_w=sw,
                             dilation_h_factor=dh, dilation_w_factor=dw, fused_activation_function=act, **marked(kind))
        for act in ACTIVATIONS:
            x, f, b, y = quantized(kind, 4, 27, (4, 3, 3, 3), 0)
            yield single("CONV_2D", kind, f"activation {act}", [X((1, 4, 5, 3), x[0], x[1]), f, b], Y(*y), padding=next(pads),
                         stride_h=1, stride_w=1, fused_activation_function=act, **marked(kind))
        x, f, b, y = quantized(kind, 5, 18, (5, 3, 3, 2), 0)
        yield single("CONV_2D", kind, "no bias", [X((1, 5, 5, 2), x[0], x[1]), f], Y(*y), padding="SAME", stride_h=1, stride_w=1, **marked(kind))
        x, f, b, y = quantized(kind, 6, 18, (6, 3, 3, 2), 0)
        yield single("CONV_2D", kind, "grouped 3", [X((1, 5, 5, 6), x[0], x[1]), f, b], Y(*y), padding="SAME", stride_h=1, stride_w=1, **marked(kind))
        x, f, b, y = quantized(kind, 3, 18, (3, 3, 3, 2), 0)
        yield single("CONV_2D", kind, "resized, unknown height and width",
                     [X((1, 1, 1, 2), x[0], x[1], signature=(1, -1, -1, 2), run_shape=(1, 6, 5, 2)), f, b], Y(*y),
                     padding="SAME", stride_h=2, stride_w=2, **marked(kind))
        if not kind.startswith(("float", "hybrid")):
            for factor, label in ((None, "multiplier above one"), (60, "multiplier tiny")):
                x, f, b, y = quantized(kind, 4, 18, (4, 3, 3, 2), 0)
                yield single("CONV_2D", kind, label, *scaled((1, 5, 5, 2), x, f, b, y, factor),
                             padding="SAME", stride_h=1, stride_w=1, **marked(kind))
    for act, pad in zip(ACTIVATIONS, ("SAME", "VALID") * 2):
        yield half_weights("CONV_2D", act, (1, 6, 7, 3), (5, 3, 3, 3), 5, padding=pad, stride_h=2, stride_w=1)


def half_weights(op, act, input_shape, filter_shape, channels, **attributes):
    x, f16, b16 = X(input_shape), K(filter_shape, "float16", low=-1, high=1), K((channels,), "float16")
    f, b, y = Y(), Y(), Y()
    return Case(op, "float16 weights", f"{input_shape} {act}", Graph([
        N("DEQUANTIZE", [f16], [f]), N("DEQUANTIZE", [b16], [b]),
        N(op, [x, f, b], [y], fused_activation_function=act, **attributes)]))


# (batch, height, width, input channels, multiplier, kernel h, w, stride h, w, dilation h, w)
DEPTHWISE_SHAPES = (
    (1, 5, 7, 3, 1, 3, 3, 1, 1, 1, 1), (1, 8, 9, 8, 1, 3, 3, 2, 2, 1, 1), (2, 6, 5, 1, 8, 3, 3, 1, 1, 1, 1),
    (1, 11, 10, 3, 2, 5, 3, 3, 3, 1, 1), (1, 9, 12, 4, 1, 3, 2, 1, 1, 2, 3), (3, 4, 4, 17, 1, 2, 2, 1, 1, 1, 1),
    (1, 7, 6, 5, 3, 4, 4, 2, 2, 1, 1), (1, 1, 9, 16, 1, 1, 5, 1, 1, 1, 1),
)


def depthwise():
    acts = itertools.cycle(ACTIVATIONS)
    for kind in CONV_KINDS[:5] + ("hybrid", "int4"):
        few = kind == "int4"
        for n, h, w, c, m, kh, kw, sh, sw, dh, dw in DEPTHWISE_SHAPES[:4] if few else DEPTHWISE_SHAPES:
            for pad in ("SAME", "VALID"):
                act = next(acts)
                x, f, b, y = quantized(kind, c * m, kh * kw, (1, kh, kw, c * m), 3)
                yield single("DEPTHWISE_CONV_2D", kind,
                             f"{n}x{h}x{w}x{c} {kh}x{kw} multiplier {m} stride {sh},{sw} dilation {dh},{dw} {pad} {act}",
                             [X((n, h, w, c), x[0], x[1]), f, b], Y(*y), padding=pad, stride_h=sh, stride_w=sw,
                             depth_multiplier=m, dilation_h_factor=dh, dilation_w_factor=dw, fused_activation_function=act)
        for act in ACTIVATIONS:
            x, f, b, y = quantized(kind, 6, 9, (1, 3, 3, 6), 3)
            yield single("DEPTHWISE_CONV_2D", kind, f"activation {act}", [X((1, 4, 5, 6), x[0], x[1]), f, b], Y(*y),
                         padding="SAME", stride_h=1, stride_w=1, depth_multiplier=1, fused_activation_function=act)
        x, f, b, y = quantized(kind, 4, 9, (1, 3, 3, 4), 3)
        yield single("DEPTHWISE_CONV_2D", kind, "no bias", [X((1, 5, 5, 4), x[0], x[1]), f], Y(*y), padding="SAME",
                     stride_h=1, stride_w=1, depth_multiplier=1)
        if not kind.startswith(("float", "hybrid")):
            for factor, label in ((None, "multiplier above one"), (60, "multiplier tiny")):
                x, f, b, y = quantized(kind, 4, 9, (1, 3, 3, 4), 3)
                yield single("DEPTHWISE_CONV_2D", kind, label, *scaled((1, 5, 5, 4), x, f, b, y, factor), padding="SAME", stride_h=1, stride_w=1, depth_multiplier=1)
    for act, pad in zip(ACTIVATIONS, ("SAME", "VALID") * 2):
        yield half_weights("DEPTHWISE_CONV_2D", act, (1, 6, 7, 6), (1, 3, 3, 6), 6, padding=pad, stride_h=2, stride_w=2,
                           depth_multiplier=1)


def fully_connected():
    acts = itertools.cycle(ACTIVATIONS)
    for kind in CONV_KINDS + ("int16 int32-bias unannounced", "int4", "hybrid int4"):
        rest = {"oracle": "opt"} if kind.endswith("unannounced") else marked(kind)
        for batch, depth, units in ((1, 10, 8), (3, 17, 5), (2, 1, 3), (4, 33, 1), (1, 64, 17)):
            act = next(acts)
            x, f, b, y = quantized(kind, units, depth, (units, depth), 0)
            yield single("FULLY_CONNECTED", kind, f"{batch}x{depth} {units} units {act}",
                         [X((batch, depth), x[0], x[1]), f, b], Y(*y), fused_activation_function=act, **rest)
        for act in ACTIVATIONS:
            x, f, b, y = quantized(kind, 7, 12, (7, 12), 0)
            yield single("FULLY_CONNECTED", kind, f"activation {act}", [X((2, 12), x[0], x[1]), f, b], Y(*y),
                         fused_activation_function=act, **rest)
        x, f, b, y = quantized(kind, 7, 12, (7, 12), 0)
        yield single("FULLY_CONNECTED", kind, "no bias", [X((2, 12), x[0], x[1]), f, None], Y(*y), **rest)
        x, f, b, y = quantized(kind, 7, 12, (7, 12), 0)
        yield single("FULLY_CONNECTED", kind, "two inputs", [X((2, 12), x[0], x[1]), f], Y(*y), **rest)
        for keep in (False, True):
            x, f, b, y = quantized(kind, 5, 6, (5, 6), 0)
            yield single("FULLY_CONNECTED", kind, f"rank 4 keep_num_dims {keep}", [X((2, 1, 3, 6), x[0], x[1]), f, b], Y(*y),
                         keep_num_dims=keep, **rest)
        x, f, b, y = quantized(kind, 5, 12, (5, 12), 0)
        yield single("FULLY_CONNECTED", kind, "rank 3 folded to rows of 12", [X((2, 3, 8), x[0], x[1]), f, b], Y(*y), **rest)
        x, f, b, y = quantized(kind, 5, 12, (5, 12), 0)
        yield single("FULLY_CONNECTED", kind, "resized, unknown batch",
                     [X((1, 12), x[0], x[1], signature=(-1, 12), run_shape=(4, 12)), f, b], Y(*y), **rest)
        if kind.startswith("hybrid"):
            x, f, b, y = quantized(kind, 5, 12, (5, 12), 0)
            yield single("FULLY_CONNECTED", kind, "asymmetric inputs", [X((3, 12), low=-1, high=6), f, b], Y(*y),
                         asymmetric_quantize_inputs=True)
            x, f, b, y = quantized(kind, 5, 12, (5, 12), 0)
            # Multiples of a half of the row's step, and just below them: rounded otherwise in the last of every eight.
            ties = np.append((np.arange(10) - 3.5) * (1 - 2.0 ** -24 * (np.arange(10) % 2)), [127, -127]).astype(np.float32)
            for asymmetric in (False, True):
                yield single("FULLY_CONNECTED", kind, "ties" + asymmetric * " asymmetric", [X((2, 12), data=[ties, np.roll(ties, 5)]), f, b], Y(*y),
                             asymmetric_quantize_inputs=asymmetric)
            yield single("FULLY_CONNECTED", kind, "a row of zeros", [X((2, 12), data=np.outer([0, 1], np.arange(12) - 5)), f, b], Y(*y))
        elif kind != "float32":
            for factor, label in ((None, "multiplier above one"), (60, "multiplier tiny")):
                x, f, b, y = quantized(kind, 5, 12, (5, 12), 0)
                yield single("FULLY_CONNECTED", kind, label, *scaled((3, 12), x, f, b, y, factor), **rest)
    for act in ACTIVATIONS:
        yield half_weights("FULLY_CONNECTED", act, (2, 9), (4, 9), 4)
    yield single("FULLY_CONNECTED", "float32", "weights at run time", [X((2, 9)), X((4, 9)), X((4,))], Y())
    yield single("FULLY_CONNECTED", "int8 per-tensor", "weights at run time", [
        X((2, 9), "int8", q=(0.05, 3)), X((4, 9), "int8", q=(0.02, 0)), None], Y("int8", (0.3, 0)))
    yield single("FULLY_CONNECTED", "uint8", "int16 result", [
        X((2, 9), "uint8", q=(0.05, 130)), K((4, 9), "uint8", q=(0.02, 100)), K((4,), "int32", q=(0.001, 0))], Y("int16", (0.001, 0)))


def transpose_conv():
    # batch, output height, width, channels, input channels, kernel h, w, stride h, w
    for n, h, w, o, c, kh, kw, sh, sw in ((1, 6, 8, 3, 2, 3, 3, 2, 2), (1, 7, 5, 1, 4, 2, 3, 1, 1), (2, 9, 6, 5, 3, 3, 2, 3, 2),
                                          (1, 8, 8, 8, 1, 2, 2, 2, 2), (1, 7, 7, 3, 3, 1, 1, 2, 3)):
        for kind in ("float32", "int8", "int8 per-tensor", "uint8", "int16", "int16 int32-bias"):
            for pad, bias in itertools.product(("SAME", "VALID"), (False, True)):
                act = "NONE" if not bias else "RELU"
                ih, iw = (-(-h // sh), -(-w // sw)) if pad == "SAME" else (-(-(h - kh + 1) // sh), -(-(w - kw + 1) // sw))
                x, f, b, y = quantized(kind, o, kh * kw * c / (sh * sw) + 1, (o, kh, kw, c), 0)
                yield single("TRANSPOSE_CONV", kind, f"{n}x{h}x{w}x{o} from {c} {kh}x{kw} stride {sh},{sw} {pad} {'bias ' * bias}{act}",
                             [I32(n, h, w, o), f, X((n, ih, iw, c), x[0], x[1])] + [b] * bias, Y(*y), padding=pad,
                             stride_h=sh, stride_w=sw, fused_activation_function=act, **(marked(kind) if bias else {}))
    for kind in ("float32", "int8"):
        x, f, b, y = quantized(kind, 3, 8, (3, 3, 3, 2), 0)
        yield single("TRANSPOSE_CONV", kind, "shape at run time", [
            X((4,), "int32", data=[1, 6, 8, 3]), f, X((1, 3, 4, 2), x[0], x[1]), b], Y(*y), padding="SAME", stride_h=2, stride_w=2)


def cases():
    yield from conv()
    yield from depthwise()
    yield from fully_connected()
    yield from transpose_conv()
