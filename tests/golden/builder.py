"""Small .tflite models from a line of Python: tensors are values, nodes refer to them, bytes come out.

    x = X((1, 5, 7, 3), "int8", q=(0.5, -3))            # a graph input
    w = K((8, 3, 3, 3), "int8", q=([..8 scales..], 0))  # a constant, random unless data is given
    y = Y("int8", q=(0.7, 4))                           # a result; its shape is asked of the oracle
    model_bytes([Graph([N("CONV_2D", [x, w], [y], padding="SAME")])], rng)

Attributes are the schema's field names in snake_case; enum values may be given by name.
"""
import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

NUMPY = {
    "float32": np.float32, "float16": np.float16, "float64": np.float64, "int4": np.int8, "int8": np.int8,
    "int16": np.int16, "int32": np.int32, "int64": np.int64, "uint8": np.uint8, "uint16": np.uint16,
    "uint32": np.uint32, "uint64": np.uint64, "bool": np.bool_, "complex64": np.complex64,
}
RANGE = {"int4": (-7, 7), "int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767), "uint16": (0, 65535)}
UNION = {
    "AVERAGE_POOL_2D": "Pool2D", "MAX_POOL_2D": "Pool2D", "L2_POOL_2D": "Pool2D", "MEAN": "Reducer", "SUM": "Reducer",
    "REDUCE_MAX": "Reducer", "REDUCE_MIN": "Reducer", "REDUCE_PROD": "Reducer", "REDUCE_ANY": "Reducer",
    "REDUCE_ALL": "Reducer", "MAXIMUM": "MaximumMinimum", "MINIMUM": "MaximumMinimum", "L2_NORMALIZATION": "L2Norm",
    "TOPK_V2": "TopKV2", "RFFT2D": "Rfft2d", "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTM",
    "SVDF": "SVDF", "LSTM": "LSTM", "BATCH_MATMUL": "BatchMatMul", "COMPLEX_ABS": "", "CONV_2D": "Conv2D",
    "CONV_3D": "Conv3D", "DEPTHWISE_CONV_2D": "DepthwiseConv2D", "PADV2": "PadV2", "RNN": "RNN",
    "UNIDIRECTIONAL_SEQUENCE_RNN": "SequenceRNN", "BIDIRECTIONAL_SEQUENCE_RNN": "BidirectionalSequenceRNN",
    "BIDIRECTIONAL_SEQUENCE_LSTM": "BidirectionalSequenceLSTM", "CONV_3D_TRANSPOSE": "Conv3D", "SPACE_TO_BATCH_ND":
    "SpaceToBatchND", "BATCH_TO_SPACE_ND": "BatchToSpaceND", "ATAN2": "ATan2",
}
ENUMS = {
    "padding": schema.Padding, "fused_activation_function": schema.ActivationFunctionType, "mode": schema.MirrorPadMode,
    "in_data_type": schema.TensorType, "out_data_type": schema.TensorType, "out_type": schema.TensorType,
    "output_type": schema.TensorType, "idx_out_type": schema.TensorType, "quantized_bias_type": schema.TensorType,
    "weights_format": schema.FullyConnectedOptionsWeightsFormat, "kernel_type": schema.LSTMKernelType,
}
VERSION = {"BROADCAST_TO": 2}


class Value:
    """One tensor of a graph. kind: input, const, result, or variable (kept from run to run)."""

    def __init__(self, kind, shape, dtype, q=None, data=None, low=None, high=None, signature=None, run_shape=None,
                 sparsity=None, name=None, each=None):
        self.kind, self.shape, self.dtype, self.q = kind, None if shape is None else list(shape), dtype, q
        self.data, self.each, self.low, self.high = data, each, low, high
        self.signature, self.run_shape, self.sparsity, self.name = signature, run_shape, sparsity, name

    def sample(self, rng):
        """Seeded content: the whole range of a narrow integer type, a few units around 0 otherwise."""
        shape = self.run_shape if self.run_shape is not None else self.shape
        if self.dtype == "bool":
            return rng.integers(0, 2, shape).astype(bool)
        if self.dtype == "complex64":
            return (rng.uniform(-4, 4, shape) + 1j * rng.uniform(-4, 4, shape)).astype(np.complex64)
        if self.dtype.startswith("float"):
            low, high = -4 if self.low is None else self.low, 4 if self.high is None else self.high
            return rng.uniform(low, high, shape).astype(NUMPY[self.dtype])
        low, high = RANGE.get(self.dtype, (-100, 100))
        if self.dtype.startswith("uint"):
            low = max(low, 0)
        low, high = low if self.low is None else self.low, high if self.high is None else self.high
        return rng.integers(low, high, shape, endpoint=True).astype(NUMPY[self.dtype])


def X(shape, dtype="float32", q=None, **rest):
    return Value("input", shape, dtype, q, **rest)


def K(shape_or_data, dtype=None, q=None, **rest):
    """A constant: from an array (dtype from it), or from a shape and a dtype with random content."""
    if dtype is not None and isinstance(shape_or_data, (tuple, list)) and "data" not in rest:
        return Value("const", shape_or_data, dtype, q, **rest)
    data = np.asarray(shape_or_data)
    dtype = dtype or str(data.dtype)
    return Value("const", data.shape, dtype, q, data=data, **rest)


def I32(*values):
    return K(np.array(values, np.int32))


def Y(dtype="float32", q=None, shape=None, **rest):
    return Value("result", shape, dtype, q, **rest)


def V(shape, dtype="float32", q=None, **rest):
    return Value("variable", shape, dtype, q, **rest)


class N:
    """A node: builtin name (or custom:Name), inputs (None = absent), outputs, attributes."""

    def __init__(self, op, inputs, outputs, intermediates=None, **attributes):
        self.op, self.inputs, self.outputs = op, inputs, outputs
        self.intermediates, self.attributes = intermediates or [], attributes


class Graph:
    """Nodes in order. Inputs and outputs default to the input values and the results nobody reads."""

    def __init__(self, nodes, inputs=None, outputs=None, name="main"):
        self.nodes, self.name = nodes, name
        self.values = []
        for value in [v for n in nodes for v in [*n.inputs, *n.outputs, *n.intermediates]] + list(inputs or []):
            if value is not None and value not in self.values:
                self.values.append(value)
        read = [v for n in nodes for v in n.inputs]
        self.inputs = inputs if inputs is not None else [v for v in self.values if v.kind == "input"]
        self.outputs = outputs if outputs is not None else [
            v for n in nodes for v in n.outputs if v.kind == "result" and v not in read]


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


def options(node):
    """The option union of a node: its number and its object; (0, None) where the operator has none."""
    name = UNION.get(node.op, "".join(p.upper() if p[0].isdigit() else p.capitalize() for p in node.op.split("_")))
    number = getattr(schema.BuiltinOptions, name + "Options", 0) if name else 0
    if not number:
        assert not node.attributes, f"{node.op} has no options"
        return 0, None
    made = getattr(schema, name + "OptionsT")()
    for key, value in node.attributes.items():
        field = camel(key)
        assert hasattr(made, field), f"{name}Options has no {field}"
        setattr(made, field, getattr(ENUMS[key], value) if isinstance(value, str) and key in ENUMS else value)
    return number, made


class AlignedBuffer(schema.BufferT):
    """A buffer whose bytes start on a multiple of 16, as the schema demands and the Python packer forgets."""

    def Pack(self, builder):
        data = None
        if self.data is not None:
            builder.StartVector(1, len(self.data), 16)
            builder.head = builder.head - len(self.data)
            builder.Bytes[builder.head:builder.head + len(self.data)] = self.data
            data = builder.EndVector()
        schema.BufferStart(builder)
        if data is not None:
            schema.BufferAddData(builder, data)
        return schema.BufferEnd(builder)


def content(value, rng):
    """The bytes of a constant as the file holds them (int4: two to a byte, low half first)."""
    if isinstance(value.data, bytes):
        return value.data
    if value.data is None:
        value.data = value.sample(rng)
    data = np.asarray(value.data)
    if value.dtype != "int4":
        return np.ascontiguousarray(data, NUMPY[value.dtype]).tobytes()
    nibbles = (data.reshape(-1).astype(np.int8).view(np.uint8) & 15).tolist()
    nibbles += [0] * (len(nibbles) % 2)
    return bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2]))


def quantization(q):
    """(scale, zero point), (scales, zero points, axis) or (scales, zero points) along axis 0."""
    made = schema.QuantizationParametersT()
    scales = np.atleast_1d(np.asarray(q[0], np.float32))
    made.scale = scales
    made.zeroPoint = np.broadcast_to(np.asarray(q[1], np.int64), scales.shape).copy()
    made.quantizedDimension = q[2] if len(q) > 2 else 0
    return made


def model_bytes(graphs, rng, signatures=()):
    """The model as .tflite bytes. Constants without data are drawn from rng, in order, and keep what they got."""
    model = schema.ModelT()
    model.version, model.description = 3, b"golden"
    model.buffers, model.operatorCodes, model.subgraphs = [AlignedBuffer()], [], []
    codes = {}
    for graph in graphs:
        sub = schema.SubGraphT()
        sub.name, sub.tensors, sub.operators = graph.name.encode(), [], []
        for index, value in enumerate(graph.values):
            tensor = schema.TensorT()
            tensor.name = (value.name or f"{value.kind}_{index}").encode()
            tensor.shape = np.array(value.shape or [], np.int32)
            tensor.type = getattr(schema.TensorType, value.dtype.upper())
            tensor.isVariable = value.kind == "variable"
            tensor.sparsity = value.sparsity
            tensor.hasRank = True
            if value.signature is not None:
                tensor.shapeSignature = np.array(value.signature, np.int32)
            if value.q is not None:
                tensor.quantization = quantization(value.q)
            if value.kind == "const":
                buffer = AlignedBuffer()
                buffer.data = content(value, rng)
                tensor.buffer = len(model.buffers)
                model.buffers.append(buffer)
            sub.tensors.append(tensor)
        place = {id(v): i for i, v in enumerate(graph.values)}
        indices = lambda values: np.array([-1 if v is None else place[id(v)] for v in values], np.int32)
        sub.inputs, sub.outputs = indices(graph.inputs), indices(graph.outputs)
        for node in graph.nodes:
            if node.op not in codes:
                code = schema.OperatorCodeT()
                custom = node.op.startswith("custom:")
                number = schema.BuiltinOperator.CUSTOM if custom else getattr(schema.BuiltinOperator, node.op)
                code.builtinCode, code.deprecatedBuiltinCode = number, min(number, 127)
                code.version = VERSION.get(node.op, 1)
                if custom:
                    code.customCode = node.op[len("custom:"):].encode()
                codes[node.op] = len(model.operatorCodes)
                model.operatorCodes.append(code)
            made = schema.OperatorT()
            made.opcodeIndex = codes[node.op]
            made.inputs, made.outputs = indices(node.inputs), indices(node.outputs)
            if node.intermediates:
                made.intermediates = indices(node.intermediates)
            if node.op.startswith("custom:"):
                made.customOptions = np.frombuffer(node.attributes["custom_options"], np.uint8)
            else:
                made.builtinOptionsType, made.builtinOptions = options(node)
            sub.operators.append(made)
        model.subgraphs.append(sub)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())
