"""Writes the trained digit network as .tflite, in float32 and in full-integer int8."""
import sys
import pathlib

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/models"))
import tflite  # noqa: E402
from network import LAYERS, forward  # noqa: E402

PREPARE = {"labels": [str(digit) for digit in range(10)], "mean": [0.0], "std": [255.0], "crop": 1.0, "fit": "square",
           "resample": "area", "antialias": True, "channels": "gray", "invert": True}
DESCRIPTION = "Handwritten digits, 8x8 gray; see CARD.md"
WINDOW = dict(strideW=1, strideH=1, padding="SAME", fusedActivationFunction="RELU")
POOL = dict(strideW=2, strideH=2, filterWidth=2, filterHeight=2, padding="VALID")


def ranges(params, pictures):
    """Per layer, the scale and zero point that cover all it gives on the pictures, zero included."""
    out, trace = {}, forward(params, pictures)[1]
    for (name, kind, _), (_, _, y) in zip(LAYERS, trace):
        low, high = min(float(y.min()), 0.0), max(float(y.max()), 0.0)
        scale = np.float32((high - low) / 255.0)
        out[name] = dict(scale=scale, zero_point=int(np.clip(round(-128 - low / float(scale)), -128, 127)))
    return out


def quantised(weight, per_channel):
    """int8 weights in -127..127 and their scales, one per output channel or one for all."""
    reach = np.abs(weight.reshape(len(weight), -1)).max(1)
    scale = (reach if per_channel else reach.max(keepdims=True)) / np.float32(127.0)
    shape = (-1,) + (1,) * (weight.ndim - 1)
    return np.clip(np.rint(weight / scale.reshape(shape)), -127, 127).astype(np.int8), scale


def add_weights(g, name, weight, bias, kind, scale_in):
    """The two constants of a layer; scale_in is None for float32, else the scale of the layer's input."""
    if scale_in is None:
        return [tflite.constant(g, f"{name}/weight", weight), tflite.constant(g, f"{name}/bias", bias)]
    w, scale = quantised(weight, per_channel=kind == "conv")
    b = np.rint(bias / (scale_in * scale).astype(np.float64)).astype(np.int32)
    return [tflite.constant(g, f"{name}/weight", w, scale=scale),
            tflite.constant(g, f"{name}/bias", b, scale=scale_in * scale)]


def export(params, side, calibration):
    """The bytes of a .tflite file: float32 with calibration None, else int8 with ranges taken from those pictures."""
    g, dtype = tflite.graph(), "float32" if calibration is None else "int8"
    known = None if calibration is None else ranges(params, calibration)
    now = {} if known is None else dict(scale=np.float32(1 / 255), zero_point=-128)
    x = first = tflite.tensor(g, "picture", dtype, (1, side, side, 1), **now)
    for name, kind, channels in LAYERS:
        shape = g["tensors"][x]["shape"]
        if kind == "pool":
            y = tflite.tensor(g, name, dtype, (1, shape[1] // 2, shape[2] // 2, shape[3]), **now)
            x = tflite.operator(g, "MAX_POOL_2D", [x], y, **POOL)
            continue
        if kind == "dense":
            flat = (1, int(np.prod(shape)))
            wanted = tflite.constant(g, "flat/shape", np.array(flat, np.int32))
            y = tflite.tensor(g, "flat", dtype, flat, **now)
            x = tflite.operator(g, "RESHAPE", [x, wanted], y, newShape=list(flat))
        constants = add_weights(g, name, *params[name], kind, now.get("scale"))
        now = {} if known is None else known[name]
        y = tflite.tensor(g, name, dtype, (*shape[:3], channels) if kind == "conv" else (1, channels), **now)
        code, options = ("CONV_2D", WINDOW) if kind == "conv" else ("FULLY_CONNECTED", {})
        x = tflite.operator(g, code, [x, *constants], y, **options)
    now = {} if known is None else dict(scale=np.float32(1 / 256), zero_point=-128)
    y = tflite.tensor(g, "probabilities", dtype, (1, len(PREPARE["labels"])), **now)
    tflite.operator(g, "SOFTMAX", [x], y, beta=1.0)
    return tflite.pack(g, [first], [y], DESCRIPTION, PREPARE)
