"""Trains the bundled digit classifier and writes it, float32 and int8, with ten pictures of held-out digits.

The same machine type gives the same bytes every time: the seed is fixed, the arithmetic runs on one thread and, on
x86-64, on one choice of instruction set. Two flags write nothing: --check runs the files beside this script, with
LiteRT, too, where that is installed; --limits shows how far accuracy varies over other splits and other framing.
"""
import os
import pathlib
import platform
import sys

os.environ["OPENBLAS_NUM_THREADS"] = "1"
if platform.machine() == "x86_64":
    os.environ["OPENBLAS_CORETYPE"] = "Haswell"
    os.environ["NPY_DISABLE_CPU_FEATURES"] = "X86_V4 AVX512_ICL AVX512_SPR"

import numpy as np  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402

import evaluate  # noqa: E402
import export  # noqa: E402
import learn  # noqa: E402
import network  # noqa: E402
import prepare  # noqa: E402
import tflite  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SIDE, SEED, WANTED = 8, 7, 0.98


def data():
    """The digits as gray values 0..255 (ink is bright), and their labels."""
    digits = load_digits()
    return np.rint(digits.images * (255.0 / 16.0)).astype(np.uint8)[..., None], digits.target


def parts(order):
    """The two parts of an order of the digits: four fifths to learn from and one fifth held out."""
    return order[len(order) // 5:], order[:len(order) // 5]


def split(seed, count):
    return parts(np.random.default_rng(seed).permutation(count))


def fed(file, pixels):
    """What a file's input takes for 8x8 pictures: real values, or the integers that stand for them."""
    return (pixels.astype(np.int16) - 128).astype(np.int8) if "int8" in file else pixels / np.float32(255)


def drawn(pixel):
    """A digit as a picture for people: 64x64, dark ink on white."""
    return Image.fromarray(255 - pixel[..., 0]).resize((64, 64), Image.Resampling.BICUBIC)


def report(runner):
    """Prints each file's share of right answers and checks the ten pictures; False where anything falls short."""
    pixels, labels = data()
    held, good = split(SEED, len(pixels))[1], True
    for name in ("digits_float32.tflite", "digits_int8.tflite"):
        bytes_ = (HERE / name).read_bytes()
        right = float((runner(bytes_, fed(name, pixels[held])).argmax(1) == labels[held]).mean())
        model = tflite.unpack(bytes_)
        shots = [np.asarray(Image.open(HERE / f"images/{d}.png").convert("RGB")) for d in range(10)]
        guess = runner(bytes_, np.concatenate([prepare.feed(s, model) for s in shots]))
        seen = int((guess.argmax(1) == np.arange(10)).sum())
        print(f"{name}: {len(bytes_)} bytes, {right:.4f} of {len(held)} held-out digits right ({runner.__name__}), "
              f"pictures {seen}/10, least sure {guess.max(1).min():.3f}")
        good &= right >= WANTED and seen == 10
    return good


def limits():
    """Prints accuracy for five other shuffles, for the last fifth of the file as it is ordered, and for margins."""
    pixels, labels = data()
    x, count = fed("", pixels), len(pixels)
    kinds = [(f"shuffle {s}", split(s, count)) for s in range(101, 106)]
    for name, (seen, held) in kinds + [("last fifth", parts(np.arange(count)[::-1]))]:
        params = learn.train(x[seen], labels[seen], SEED)
        right = [(evaluate.with_numpy(export.export(params, SIDE, calibration), fed(kind, pixels[held])).argmax(1)
                  == labels[held]).mean() for kind, calibration in (("float32", None), ("int8", x[seen]))]
        print(f"{name}: float32 {right[0]:.4f}, int8 {right[1]:.4f} of {len(held)}", flush=True)
    held, bytes_ = split(SEED, count)[1], (HERE / "digits_int8.tflite").read_bytes()
    for margin in (0, 8, 16, 32):
        shots = [np.asarray(ImageOps.expand(drawn(p), margin, 255).convert("RGB")) for p in pixels[held]]
        for name, kept in (("dark on light", shots), ("light on dark", [255 - s for s in shots])):
            ready = np.concatenate([prepare.feed(s, tflite.unpack(bytes_)) for s in kept])
            right = (evaluate.with_numpy(bytes_, ready).argmax(1) == labels[held]).mean()
            print(f"int8, {name}, {margin} pixels of margin around the 64x64 picture: {right:.4f}", flush=True)


def main():
    if "--limits" in sys.argv:
        return limits()
    if "--check" in sys.argv:
        good = report(evaluate.with_numpy)
        try:
            import ai_edge_litert  # noqa: F401
        except ImportError:
            print("LiteRT is not installed: the files were run with numpy only")
        else:
            good &= report(evaluate.with_litert)
        sys.exit(not good)
    pixels, labels = data()
    (seen, held), x = split(SEED, len(pixels)), fed("", pixels)
    params = learn.train(x[seen], labels[seen], SEED)
    (HERE / "digits_float32.tflite").write_bytes(export.export(params, SIDE, None))
    (HERE / "digits_int8.tflite").write_bytes(export.export(params, SIDE, x[seen]))
    sure = network.softmax(network.forward(params, x[held])[0])
    (HERE / "images").mkdir(exist_ok=True)
    for digit in range(10):
        surest = held[np.where(labels[held] == digit, sure[:, digit], 0).argmax()]
        drawn(pixels[surest]).save(HERE / f"images/{digit}.png")
    sys.exit(not report(evaluate.with_numpy))


if __name__ == "__main__":
    main()
