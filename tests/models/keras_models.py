#!/usr/bin/env python3
"""Writes whole networks, made by Keras with seeded random weights and converted by TensorFlow, for compare.py to run.

    keras_models.py -o DIR [--size PIXELS] [--variants float32,dynamic,…] [NETWORK…]

DIR/models/<network>.<variant>.tflite; what is there already stays. The statistics of batch normalisation come from data, as
after training, so that activations neither vanish nor saturate, and the last layer is left without its softmax. A network that
TensorFlow cannot convert to a variant is named, with the reason. Needs keras-requirements.txt.
"""
import argparse
import contextlib
import io
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

VARIANTS = ("float32", "float16", "dynamic", "int8", "int8_per_tensor", "int16")
CLASSES = 200


def application(make):
    return lambda size: make(weights=None, input_shape=(size, size, 3), classes=CLASSES, classifier_activation=None)


def unet(size):
    def block(x, channels):
        return keras.layers.ReLU()(keras.layers.BatchNormalization()(keras.layers.Conv2D(channels, 3, padding="same")(x)))
    inputs = x = keras.Input((size, size, 3))
    kept = []
    for channels in (8, 16):
        kept.append(x := block(x, channels))
        x = keras.layers.MaxPool2D()(x)
    x = block(x, 32)
    for channels in (16, 8):
        x = keras.layers.Conv2DTranspose(channels, 2, strides=2)(x)
        x = block(keras.layers.Concatenate()([x, kept.pop()]), channels)
    return keras.Model(inputs, keras.layers.Conv2D(4, 1)(x))


def bert(_, length=32, width=64, layers=2):
    inputs = x = keras.Input((length, width), batch_size=1)
    for _ in range(layers):
        x = keras.layers.LayerNormalization()(x + keras.layers.MultiHeadAttention(4, width // 4)(x, x))
        y = keras.layers.Dense(4 * width, activation="gelu")(x)
        x = keras.layers.LayerNormalization()(x + keras.layers.Dense(width)(y))
    return keras.Model(inputs, keras.layers.Dense(8)(x[:, 0]))


def recurrent(layer):
    def make(_):
        inputs = keras.Input((20, 12), batch_size=1)
        return keras.Model(inputs, keras.layers.Dense(8)(layer(24)(inputs)))
    return make


apps = keras.applications
NETWORKS = {
    "mobilenet": application(apps.MobileNet),
    "mobilenet_v2": application(apps.MobileNetV2),
    "mobilenet_v3_large": application(apps.MobileNetV3Large),
    "resnet50": application(apps.ResNet50),
    "efficientnet_b0": application(apps.EfficientNetB0),
    "inception_v3": application(apps.InceptionV3),
    "densenet121": application(apps.DenseNet121),
    "unet": unet,
    "bert": bert,
    "lstm": recurrent(keras.layers.LSTM),
    "gru": recurrent(keras.layers.GRU),
}
LEAST = {"inception_v3": 75}  # pixels
UNCALIBRATED = {"lstm", "gru"}  # TensorFlow's calibration ends by a signal


def settle(model, samples, rng):
    """Random scales, offsets and biases; the statistics of batch normalisation from one pass over the samples."""
    for layer in model.layers:
        for weight in layer.weights:
            kind = weight.path.split("/")[-1]
            if kind == "gamma":
                weight.assign(rng.uniform(0.6, 1.4, weight.shape))
            elif kind == "beta" or (kind == "bias" and not isinstance(layer, (keras.layers.LSTM, keras.layers.GRU))):
                weight.assign(rng.normal(0, 0.3, weight.shape))
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    if any(isinstance(layer, keras.layers.BatchNormalization) for layer in model.layers):
        model(samples, training=True)


def converter(model, variant, samples):
    made, ops = tf.lite.TFLiteConverter.from_keras_model(model), tf.lite.OpsSet
    if variant == "float32":
        return made
    made.optimizations = [tf.lite.Optimize.DEFAULT]
    if variant == "float16":
        made.target_spec.supported_types = [tf.float16]
    if variant.startswith("int"):
        made.representative_dataset = lambda: ([sample[None]] for sample in samples)
        wide = variant == "int16"
        made.target_spec.supported_ops = [ops.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8 if wide else ops.TFLITE_BUILTINS_INT8]
        made.inference_input_type = made.inference_output_type = tf.int16 if wide else tf.int8
        made._experimental_disable_per_channel = variant.endswith("per_tensor")  # pylint: disable=protected-access
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", help=", ".join(NETWORKS))
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("--size", type=int, default=64, help="height and width of pictures")
    parser.add_argument("--variants", default=",".join(VARIANTS))
    arguments = parser.parse_args()
    folder = arguments.output / "models"
    folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.networks or NETWORKS:
        missing = [v for v in arguments.variants.split(",") if not (folder / f"{name}.{v}.tflite").exists()
                   and not (name in UNCALIBRATED and v.startswith("int"))]
        if not missing:
            continue
        keras.utils.set_random_seed(1)
        rng = np.random.default_rng(1)
        model = NETWORKS[name](max(arguments.size, LEAST.get(name, 0)))
        samples = rng.uniform(-1, 1, (12, *model.inputs[0].shape[1:])).astype(np.float32)
        settle(model, samples, rng)
        for variant in missing:
            path = folder / f"{name}.{variant}.tflite"
            try:
                with contextlib.redirect_stdout(io.StringIO()):  # it tells how it is getting on
                    data = converter(model, variant, samples).convert()
            except Exception as error:  # the converter's errors have no common type
                print(f"{path.name}: not convertible: {str(error).strip().splitlines()[0][:150]}", flush=True)
                continue
            path.write_bytes(data)
            print(f"{path.name}: {len(data)} bytes", flush=True)


if __name__ == "__main__":
    main()
