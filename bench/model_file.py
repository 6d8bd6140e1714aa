"""What a .tflite file says of its inputs and outputs, read without any engine."""
import pathlib

import numpy as np
from ai_edge_litert import schema_py_generated as schema

TYPES = {number: name.lower() for name, number in vars(schema.TensorType).items() if isinstance(number, int)}


def plain(tensor):
    """A tensor in the form that tests/models/inputs.py takes."""
    shape = [int(size) for size in tensor.ShapeAsNumpy()] if tensor.ShapeLength() else []
    signature = [int(size) for size in tensor.ShapeSignatureAsNumpy()] if tensor.ShapeSignatureLength() else shape
    q = tensor.Quantization()
    scaled = q is not None and q.ScaleLength() > 0
    return {
        "name": (tensor.Name() or b"").decode(),
        "dtype": TYPES[tensor.Type()],
        "shape": shape,
        "signature": signature,
        "scale": float(q.Scale(0)) if scaled else 0.0,
        "zero": int(q.ZeroPoint(0)) if scaled and q.ZeroPointLength() else 0,
    }


def describe(path):
    """{"inputs": […], "outputs": […]} of the main graph."""
    graph = schema.Model.GetRootAs(pathlib.Path(path).read_bytes(), 0).Subgraphs(0)
    return {
        "inputs": [plain(graph.Tensors(graph.Inputs(i))) for i in range(graph.InputsLength())],
        "outputs": [plain(graph.Tensors(graph.Outputs(i))) for i in range(graph.OutputsLength())],
    }


def real(array, detail):
    """An integer array with a scale as the real numbers that it stands for."""
    if detail["scale"] and array.dtype.kind in "iu":
        return ((array.astype(np.float32) - np.float32(detail["zero"])) * np.float32(detail["scale"])).astype(
            np.float32
        )
    return array
