"""Turns a picture into a model's input as docs/metadata.md says: the definition in code, in integers where it counts.

As a command, FILE PICTURE... prints a digest of the bytes that the model in FILE is fed for each picture.
"""
import hashlib
import sys

import numpy as np

import tflite

DEFAULTS = {"labels": [], "mean": [0.0], "std": [1.0], "crop": 1.0, "fit": "square", "resample": "bilinear",
            "antialias": True, "channels": None, "invert": False}
BITS = 22  # fraction bits of a resampling weight


def cubic(x):
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x * x + 1.0
    far = -0.5 * (((x - 5.0) * x + 8.0) * x - 4.0)
    return np.where(x < 1.0, near, np.where(x < 2.0, far, 0.0))


# name -> weight of a source pixel at distance d (in source pixels) when one target pixel spans s >= 1 source pixels
KERNELS = {
    "bilinear": lambda d, s: np.maximum(0.0, 1.0 - np.abs(d / s)),
    "bicubic": lambda d, s: cubic(d / s),
    "area": lambda d, s: np.clip((s + 1.0) / 2.0 - np.abs(d), 0.0, 1.0),
}


def weights(source, target, rules):
    """The integer weights, [target, source], of resampling one axis; each row sums to about 1 << BITS."""
    step = source / target
    span = max(step, 1.0) if rules["antialias"] else 1.0
    centre = (np.arange(target) + 0.5) * step
    w = KERNELS[rules["resample"]](np.arange(source) + 0.5 - centre[:, None], span)
    w = w / w.sum(1, keepdims=True) * (1 << BITS)
    return np.trunc(w + np.copysign(0.5, w)).astype(np.int64)


def resample(picture, height, width, rules):
    """[h, w, c] uint8 to [height, width, c] uint8: along each row first, then along each column."""
    for axis, target in ((1, width), (0, height)):
        source = picture.shape[axis]
        if source != target:
            sums = np.tensordot(weights(source, target, rules), picture.astype(np.int64), (1, axis))
            picture = np.moveaxis(np.clip((sums + (1 << BITS - 1)) >> BITS, 0, 255).astype(np.uint8), 0, axis)
    return picture


def crop(picture, rules):
    h, w = picture.shape[:2]
    if rules["fit"] == "stretch":
        return picture
    side = max(1, int(min(h, w) * rules["crop"] + 0.5))
    top, left = (h - side) // 2, (w - side) // 2
    return picture[top:top + side, left:left + side]


def pixels(rgb, height, width, channels, prepare):
    """[h, w, 3] uint8 to the [height, width, channels] uint8 that the model looks at."""
    rules = {**DEFAULTS, **prepare}
    if (rules["channels"] or ("gray" if channels == 1 else "rgb")) == "gray":
        luma = rgb.astype(np.int64) @ np.array([19595, 38470, 7471])
        rgb = ((luma + (1 << 15)) >> 16).astype(np.uint8)[..., None]
    out = resample(crop(rgb, rules), height, width, rules)
    return 255 - out if rules["invert"] else out


def feed(picture, model):
    """[h, w, 3] uint8 to the input array, batch of one, of an unpacked model."""
    sub = model.subgraphs[0]
    t = sub.tensors[sub.inputs[0]]
    rules = {**DEFAULTS, **tflite.prepare_of(model)}
    p = pixels(picture, t.shape[1], t.shape[2], t.shape[3], rules).astype(np.float32)
    real = (p - np.float32(rules["mean"])) / np.float32(rules["std"])
    if t.type == tflite.fbs.TensorType.FLOAT32:
        return real[None]
    kind = {tflite.fbs.TensorType.INT8: np.int8, tflite.fbs.TensorType.UINT8: np.uint8}[t.type]
    scaled = real / np.float32(t.quantization.scale[0])
    whole = np.trunc(scaled + np.copysign(np.float32(0.5), scaled)) + t.quantization.zeroPoint[0]
    return np.clip(whole, np.iinfo(kind).min, np.iinfo(kind).max).astype(kind)[None]


def main():
    from PIL import Image
    model = tflite.unpack(open(sys.argv[1], "rb").read())
    for path in sys.argv[2:]:
        fed = feed(np.asarray(Image.open(path).convert("RGB")), model)
        print(hashlib.sha256(fed.tobytes()).hexdigest(), fed.dtype, fed.shape, path)


if __name__ == "__main__":
    main()
