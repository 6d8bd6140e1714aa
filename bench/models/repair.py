#!/usr/bin/env python3
"""Writes a .tflite file whose biases name an axis that they have.

    repair.py IN.tflite OUT.tflite

Old converters gave a bias the axis of its filter, which engines refuse.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools" / "models"))
import tflite  # noqa: E402


def repair(data):
    model = tflite.unpack(data)
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            if tensor.quantization is not None and tensor.quantization.quantizedDimension >= len(tensor.shape) > 0:
                tensor.quantization.quantizedDimension = len(tensor.shape) - 1
    builder = tflite.AlignedBuilder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    pathlib.Path(sys.argv[2]).write_bytes(repair(pathlib.Path(sys.argv[1]).read_bytes()))
