#!/usr/bin/env python3
"""Turns a quantised .tflite file into its float32 twin: same network, real weights, no integers but indices.

    dequantise.py IN.tflite OUT.tflite

A tensor of integers with a scale becomes float32: constants as scale * (integer - zero point), scales per channel
where the file has them. QUANTIZE and DEQUANTIZE between what is float32 now are left out; DEQUANTIZE of float16
weights stays.
"""
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools" / "models"))
import tflite  # noqa: E402

fbs = tflite.fbs
INTEGERS = {
    getattr(fbs.TensorType, name.upper()): np.dtype(name) for name in ("int8", "uint8", "int16", "int32", "int64")
}
SATURATING = [
    getattr(fbs.BuiltinOperator, name)
    for name in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "ADD", "SUB", "MUL")
]


def kind_of(model, node):
    code = model.operatorCodes[node.opcodeIndex]
    return max(code.builtinCode, code.deprecatedBuiltinCode)


def quantised(tensor):
    q = tensor.quantization
    return tensor.type in INTEGERS and q is not None and q.scale is not None and len(q.scale) > 0


def real_values(tensor, data):
    """The bytes of a constant as float32 bytes."""
    q = tensor.quantization
    shape = [1] * len(tensor.shape)
    if len(q.scale) > 1:
        axis = (
            q.quantizedDimension if q.quantizedDimension < len(shape) else -1
        )  # old files name the filter's axis for a bias
        shape[axis] = len(q.scale)
    scale = np.array(q.scale, np.float32).reshape(shape)
    zero = np.array(
        q.zeroPoint if q.zeroPoint is not None and len(q.zeroPoint) else [0] * len(q.scale), np.float64
    ).reshape(shape)
    integers = np.frombuffer(bytes(data), INTEGERS[tensor.type]).reshape(tensor.shape)
    return np.frombuffer(((integers - zero) * scale).astype("<f4").tobytes(), np.uint8)


def make_real(model, tensor):
    data = model.buffers[tensor.buffer].data
    if data is not None and len(data):
        fresh = fbs.BufferT()
        fresh.data = real_values(tensor, data)
        model.buffers.append(fresh)
        tensor.buffer = len(model.buffers) - 1
    tensor.type, tensor.quantization = fbs.TensorType.FLOAT32, None


def forget_unused_buffers(model):
    used = {t.buffer for g in model.subgraphs for t in g.tensors} | {m.buffer for m in model.metadata or []}
    for index, buffer in enumerate(model.buffers):
        if index not in used:
            buffer.data = None


def saturation(tensor):
    """The activation that an integer output performs by having no codes outside its range."""
    if not quantised(tensor) or len(tensor.quantization.scale) != 1 or tensor.type not in INTEGERS:
        return None
    least, most = (np.iinfo(INTEGERS[tensor.type]).min, np.iinfo(INTEGERS[tensor.type]).max)
    zero, scale = int(tensor.quantization.zeroPoint[0]), float(tensor.quantization.scale[0])
    if zero != least:
        return None
    kinds = fbs.ActivationFunctionType
    return kinds.RELU6 if abs((most - zero) * scale - 6) < 0.01 else kinds.RELU


def keep_saturation(model, graph):
    """Writes down the activation that only the range of the integers performed; before they become real."""
    for node in graph.operators:
        options = node.builtinOptions
        if (
            kind_of(model, node) in SATURATING
            and getattr(options, "fusedActivationFunction", None) == fbs.ActivationFunctionType.NONE
        ):
            options.fusedActivationFunction = (
                saturation(graph.tensors[node.outputs[0]]) or fbs.ActivationFunctionType.NONE
            )


def is_copy(model, graph, node):
    """Whether the node only carried a value between its real and its integer form."""
    if kind_of(model, node) not in (fbs.BuiltinOperator.QUANTIZE, fbs.BuiltinOperator.DEQUANTIZE):
        return False
    return all(graph.tensors[i].type == fbs.TensorType.FLOAT32 for i in (node.inputs[0], node.outputs[0]))


def bypass_copies(model, graph):
    """Takes the copies out; who read a copy reads what was copied. A graph output must stay a value of its own."""
    source, kept = {}, []
    read = lambda index: source.get(int(index), int(index))
    for node in graph.operators:
        node.inputs = [read(i) for i in node.inputs]
        if is_copy(model, graph, node):
            source[int(node.outputs[0])] = node.inputs[0]
        else:
            kept.append(node)
    graph.operators = kept
    graph.outputs = [read(i) for i in graph.outputs]
    return source


def dequantise(data):
    model = tflite.unpack(data)
    for number, graph in enumerate(model.subgraphs):
        keep_saturation(model, graph)
        for tensor in graph.tensors:
            if quantised(tensor):
                make_real(model, tensor)
        source = bypass_copies(model, graph)
        for signature in model.signatureDefs or []:
            for entry in (signature.outputs or []) if signature.subgraphIndex == number else []:
                entry.tensorIndex = source.get(entry.tensorIndex, entry.tensorIndex)
    forget_unused_buffers(model)
    builder = tflite.AlignedBuilder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def main(source, target):
    pathlib.Path(target).write_bytes(dequantise(pathlib.Path(source).read_bytes()))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
