#!/usr/bin/env python3
"""Writes Keras architectures at full size with seeded random weights, for the benchmark.

    generate.py -o DIR [NETWORK…]

DIR/<network>.float32.tflite and DIR/<network>.int8.tflite; what is there already stays. Weights, calibration and
conversion are those of tests/models/keras_models.py. The batch is fixed at 1: with an open one the converter leaves
shape arithmetic in the graph, which some engines refuse. Needs bench/models/requirements.txt.
"""
import argparse
import contextlib
import io
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "models"))
import keras_models as base  # noqa: E402

CLASSES, SAMPLES = 1000, 12
VARIANTS = ("float32", "int8")


def application(make, size, **settings):
    """A Keras application whose batch may be anything (None) or fixed."""
    def build(batch):
        picture = base.keras.Input((size, size, 3), batch_size=batch)
        return make(weights=None, input_tensor=picture, classes=CLASSES, classifier_activation=None, **settings)

    return build


NETWORKS = {
    "mobilenet_v1": application(base.apps.MobileNet, 224),
    "mobilenet_v2": application(base.apps.MobileNetV2, 224),
    "mobilenet_v2_1.4": application(base.apps.MobileNetV2, 224, alpha=1.4),
    "mobilenet_v3_large": application(base.apps.MobileNetV3Large, 224),
    "efficientnet_b0": application(base.apps.EfficientNetB0, 224),
    "resnet50": application(base.apps.ResNet50, 224),
    "inception_v3": application(base.apps.InceptionV3, 299),
    "bert": lambda batch: base.bert(None, length=128, width=256, layers=4),
}


def build(name):
    """The network with its batch fixed at 1, settled on random samples, and the samples."""
    base.keras.utils.set_random_seed(1)
    rng = np.random.default_rng(1)
    model = NETWORKS[name](None)
    samples = rng.uniform(-1, 1, (SAMPLES, *model.inputs[0].shape[1:])).astype(np.float32)
    base.settle(model, samples, rng)
    fixed = NETWORKS[name](1)
    fixed.set_weights(model.get_weights())
    return fixed, samples


def generate(name, folder):
    missing = [variant for variant in VARIANTS if not (folder / f"{name}.{variant}.tflite").exists()]
    if not missing:
        return
    model, samples = build(name)
    for variant in missing:
        with contextlib.redirect_stdout(io.StringIO()):  # the converter tells how it is getting on
            data = base.converter(model, variant, samples).convert()
        (folder / f"{name}.{variant}.tflite").write_bytes(data)
        print(f"{name}.{variant}.tflite: {len(data)} bytes", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", help=", ".join(NETWORKS))
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name in arguments.networks or NETWORKS:
        generate(name, arguments.output)


if __name__ == "__main__":
    main()
