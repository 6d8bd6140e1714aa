"""Writes EfficientNet-Lite0 for ImageNet as .tflite from its PyTorch weights (M. Tan and R. Liu, 2020).

write() takes the weight file and the JSON object of class names, as bytes, and gives the .tflite file's bytes.
"""
import json

import numpy as np

import tflite
import torch_legacy

SIDE, EPSILON = 224, 1e-3
# expansion, kernel, stride of the first, channels, repeats
BLOCKS = [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4),
          (6, 3, 1, 320, 1)]
STEM, HEAD, CLASSES = 32, 1280, 1000
PREPARE = {"mean": [127.0], "std": [128.0], "crop": 0.875, "fit": "square", "resample": "bicubic", "antialias": True,
           "channels": "rgb", "invert": False}


def folded(weights, conv, norm):
    """A convolution [out, in, h, w] with its batch norm folded in, as [out, h, w, in], and the bias that remains."""
    gain = weights[f"{norm}.weight"].astype(np.float64) / np.sqrt(weights[f"{norm}.running_var"] + np.float64(EPSILON))
    weight = weights[f"{conv}.weight"] * gain[:, None, None, None]
    bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain
    return weight.transpose(0, 2, 3, 1).astype(np.float32), bias.astype(np.float32)


def convolution(g, weights, x, conv, norm, wanted, stride, activation):
    """Adds a convolution with filter shape wanted; one of a single input channel is a depthwise one."""
    weight, bias = folded(weights, conv, norm)
    if weight.shape != wanted:
        raise ValueError(f"{conv}: filter is {weight.shape}, must be {wanted}")
    options = dict(strideW=stride, strideH=stride, padding="SAME", fusedActivationFunction=activation)
    kind = "CONV_2D"
    if weight.shape[3] == 1:
        kind, weight = "DEPTHWISE_CONV_2D", weight.transpose(3, 1, 2, 0)
        options["depthMultiplier"] = 1
    side = -(-g["tensors"][x]["shape"][1] // stride)
    inputs = [x, tflite.constant(g, f"{conv}/weight", weight), tflite.constant(g, f"{conv}/bias", bias)]
    y = tflite.tensor(g, conv, "float32", (1, side, side, len(bias)))
    return tflite.operator(g, kind, inputs, y, **options)


def block(g, weights, x, name, expansion, kernel, stride, channels):
    """Adds one inverted bottleneck; it adds its input back where that has the same shape."""
    start, wide = x, g["tensors"][x]["shape"][3] * expansion
    layers = [("_expand_conv", "_bn0", (wide, 1, 1, wide // expansion), 1, "RELU6"),
              ("_depthwise_conv", "_bn1", (wide, kernel, kernel, 1), stride, "RELU6"),
              ("_project_conv", "_bn2", (channels, 1, 1, wide), 1, "NONE")]
    for conv, norm, *rest in layers[expansion == 1:]:
        x = convolution(g, weights, x, f"{name}.{conv}", f"{name}.{norm}", *rest)
    shape = g["tensors"][x]["shape"]
    if shape != g["tensors"][start]["shape"]:
        return x
    return tflite.operator(g, "ADD", [x, start], tflite.tensor(g, f"{name}.add", "float32", shape))


def write(weight_file, names_file):
    weights = torch_legacy.read(weight_file)
    names = json.loads(names_file)
    labels = [names[str(i)].split(",")[0] for i in range(CLASSES)]
    g = tflite.graph()
    first = tflite.tensor(g, "picture", "float32", (1, SIDE, SIDE, 3))
    x, number = convolution(g, weights, first, "_conv_stem", "_bn0", (STEM, 3, 3, 3), 2, "RELU6"), 0
    for expansion, kernel, stride, channels, repeats in BLOCKS:
        for again in range(repeats):
            x = block(g, weights, x, f"_blocks.{number}", expansion, kernel, 1 if again else stride, channels)
            number += 1
    x = convolution(g, weights, x, "_conv_head", "_bn1", (HEAD, 1, 1, BLOCKS[-1][3]), 1, "RELU6")
    axes = tflite.constant(g, "mean/axes", np.array([1, 2], np.int32))
    x = tflite.operator(g, "MEAN", [x, axes], tflite.tensor(g, "mean", "float32", (1, HEAD)), keepDims=False)
    dense = [tflite.constant(g, f"_fc/{part}", weights[f"_fc.{part}"]) for part in ("weight", "bias")]
    x = tflite.operator(g, "FULLY_CONNECTED", [x, *dense], tflite.tensor(g, "_fc", "float32", (1, CLASSES)))
    y = tflite.tensor(g, "probabilities", "float32", (1, CLASSES))
    tflite.operator(g, "SOFTMAX", [x], y, beta=1.0)
    return tflite.pack(g, [first], [y], "EfficientNet-Lite0, ImageNet", {"labels": labels, **PREPARE})
