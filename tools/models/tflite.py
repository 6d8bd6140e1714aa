"""Writes and reads .tflite files from numpy arrays, through code that flatc makes from the project's schema.

A graph under construction is a dict of two lists, tensors and operators. tensor() and operator() append to them,
pack() turns the whole into bytes, unpack() gives the object tree of a file's bytes.
"""
import hashlib
import importlib.util
import json
import os
import pathlib
import subprocess
import tempfile

import flatbuffers
import numpy as np

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "src/formats/tflite.fbs"

# Builtin -> its options table, the version that takes float32, the version that takes int8.
OPERATORS = {
    "ADD": ("AddOptions", 1, 2),
    "CONV_2D": ("Conv2DOptions", 1, 3),
    "DEPTHWISE_CONV_2D": ("DepthwiseConv2DOptions", 1, 3),
    "FULLY_CONNECTED": ("FullyConnectedOptions", 1, 4),
    "MAX_POOL_2D": ("Pool2DOptions", 1, 2),
    "MEAN": ("ReducerOptions", 1, 2),
    "RESHAPE": ("ReshapeOptions", 1, 1),
    "SOFTMAX": ("SoftmaxOptions", 1, 2),
}


def cache():
    """The folder where everything that can be made or fetched again lives."""
    return pathlib.Path(os.environ.get("TULLE_CACHE") or "~/.cache/tulle").expanduser()


def generated():
    """The module flatc makes from the schema: made once per schema text, kept in the cache."""
    made = cache() / "flatc" / hashlib.sha256(SCHEMA.read_bytes()).hexdigest()[:16] / "tflite_generated.py"
    if not made.exists():
        made.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=made.parent) as fresh:
            subprocess.run(["flatc", "--python", "--gen-object-api", "--gen-onefile", "-o", fresh, SCHEMA], check=True)
            os.replace(pathlib.Path(fresh) / made.name, made)
    spec = importlib.util.spec_from_file_location("tflite_generated", made)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


fbs = generated()


class AlignedBuilder(flatbuffers.Builder):
    """Puts every numpy vector on a 16-byte boundary, as the schema asks for buffers and kernels for weights."""

    def CreateNumpyVector(self, x):
        self.Prep(16, x.nbytes)
        return super().CreateNumpyVector(x)


def graph():
    return {"tensors": [], "operators": []}


def tensor(g, name, dtype, shape, data=None, scale=None, zero_point=0, axis=0):
    """Adds a tensor and gives its index. With data it is constant; a list of scales is per channel along axis."""
    if data is not None and (data.dtype != dtype or data.shape != tuple(shape)):
        raise ValueError(f"{name}: data is {data.dtype} {data.shape}, must be {dtype} {tuple(shape)}")
    g["tensors"].append(dict(name=name, dtype=dtype, shape=shape, data=data, scale=scale, zero_point=zero_point,
                             axis=axis))
    return len(g["tensors"]) - 1


def constant(g, name, data, **quantisation):
    return tensor(g, name, data.dtype.name, data.shape, data, **quantisation)


def operator(g, kind, inputs, output, **options):
    """Adds an operator whose options carry the generated names, enum values as words (padding="SAME")."""
    g["operators"].append((kind, inputs, output, options))
    return output


def packed_tensor(t, buffer):
    out = fbs.TensorT()
    out.name, out.shape, out.buffer = t["name"], list(t["shape"]), buffer
    out.type = getattr(fbs.TensorType, t["dtype"].upper())
    if t["scale"] is not None:
        q = out.quantization = fbs.QuantizationParametersT()
        q.scale = [float(s) for s in np.ravel(t["scale"])]
        q.zeroPoint = [int(t["zero_point"])] * len(q.scale)
        q.quantizedDimension = t["axis"] if len(q.scale) > 1 else 0
    return out


def packed_options(kind, options):
    out = getattr(fbs, OPERATORS[kind][0] + "T")()
    for name, value in options.items():
        if not hasattr(out, name):
            raise ValueError(f"{kind} has no option {name}")
        enum = {"padding": fbs.Padding, "fusedActivationFunction": fbs.ActivationFunctionType}.get(name)
        setattr(out, name, getattr(enum, value) if enum else value)
    return out


def pack(g, inputs, outputs, description, prepare):
    """The graph as the bytes of a .tflite file; prepare is the dict that docs/metadata.md describes."""
    model, sub, empty = fbs.ModelT(), fbs.SubGraphT(), fbs.BufferT()
    model.version, model.description, model.subgraphs, model.buffers = 3, description, [sub], [empty]

    def buffer(data):
        out = fbs.BufferT()
        out.data = np.frombuffer(data, np.uint8)
        model.buffers.append(out)
        return len(model.buffers) - 1

    sub.name, sub.inputs, sub.outputs, sub.operators, model.operatorCodes = "main", inputs, outputs, [], []
    sub.tensors = [packed_tensor(t, 0 if t["data"] is None else buffer(t["data"].tobytes())) for t in g["tensors"]]
    codes = {}
    for kind, ins, out, options in g["operators"]:
        quantised = g["tensors"][ins[0]]["dtype"] == "int8"
        name, *versions = OPERATORS[kind]
        if kind not in codes:
            code = fbs.OperatorCodeT()
            code.builtinCode = code.deprecatedBuiltinCode = getattr(fbs.BuiltinOperator, kind)
            code.version = versions[quantised]
            codes[kind] = len(model.operatorCodes)
            model.operatorCodes.append(code)
        op = fbs.OperatorT()
        op.opcodeIndex, op.inputs, op.outputs = codes[kind], ins, [out]
        op.builtinOptionsType = getattr(fbs.BuiltinOptions, name)
        op.builtinOptions = packed_options(kind, options)
        sub.operators.append(op)
    entry = fbs.MetadataT()
    entry.name, entry.buffer = "TULLE_PREPARE", buffer(json.dumps(prepare, ensure_ascii=False).encode())
    model.metadata = [entry]
    builder = AlignedBuilder(1 << 16)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def unpack(data):
    return fbs.ModelT.InitFromObj(fbs.Model.GetRootAs(data, 0))


def prepare_of(model):
    """The TULLE_PREPARE entry of an unpacked model, or an empty dict."""
    for entry in model.metadata or []:
        if entry.name == b"TULLE_PREPARE":
            return json.loads(bytes(model.buffers[entry.buffer].data))
    return {}
