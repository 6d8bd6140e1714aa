"""Runs a written digit model on prepared pictures: in plain numpy, operator by operator, or with LiteRT.

The int8 path is integers up to the accumulator; rescaling and SOFTMAX go through float64, so a value may differ from
the reference by one step. It judges accuracy; it is no oracle for bits.
"""
import export  # noqa: F401 (finds tflite)
import numpy as np
import tflite
from network import patches, softmax

KINDS = {tflite.fbs.TensorType.FLOAT32: np.float32, tflite.fbs.TensorType.INT8: np.int8,
         tflite.fbs.TensorType.INT32: np.int32}


def affine(x, t_in, t_w, w, b, t_out, low):
    """x @ w.T + b, rescaled to the output where that is quantised; low is the least output allowed, or None."""
    if t_out.type == tflite.fbs.TensorType.FLOAT32:
        y = x @ w.T + b
        return y if low is None else np.maximum(y, low)
    q = t_out.quantization
    total = (x.astype(np.int64) - t_in.quantization.zeroPoint[0]) @ w.T.astype(np.int64) + b
    y = np.floor(total * (t_in.quantization.scale[0] * np.float64(t_w.quantization.scale) / q.scale[0]) + 0.5)
    return np.clip(y + q.zeroPoint[0], -128 if low is None else max(-128, q.zeroPoint[0]), 127).astype(np.int8)


def with_numpy(data, x):
    """The output probabilities (real numbers) of the model in data for a batch of input arrays."""
    model = tflite.unpack(data)
    sub, fbs = model.subgraphs[0], tflite.fbs
    values = {i: np.frombuffer(bytes(model.buffers[t.buffer].data), KINDS[t.type]).reshape(t.shape)
              for i, t in enumerate(sub.tensors) if t.buffer}
    values[sub.inputs[0]] = x
    for op in sub.operators:
        code = model.operatorCodes[op.opcodeIndex].builtinCode
        ts, (x, *constants), out = [sub.tensors[i] for i in op.inputs], [values[i] for i in op.inputs], op.outputs[0]
        t_out = sub.tensors[out]
        if code == fbs.BuiltinOperator.CONV_2D:
            zero = x.dtype.type(ts[0].quantization.zeroPoint[0] if x.dtype == np.int8 else 0)
            cols = patches(x - zero if x.dtype != np.int8 else x.astype(np.int16) - zero) + zero
            w, b = constants
            y = affine(cols, ts[0], ts[1], w.reshape(len(w), -1), b, t_out, 0.0).reshape(*x.shape[:3], len(w))
        elif code == fbs.BuiltinOperator.FULLY_CONNECTED:
            y = affine(x, ts[0], ts[1], *constants, t_out, None)
        elif code == fbs.BuiltinOperator.MAX_POOL_2D:
            n, h, w, c = x.shape
            y = x.reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4))
        elif code == fbs.BuiltinOperator.RESHAPE:
            y = x.reshape(len(x), -1)
        else:
            q = ts[0].quantization
            y = softmax(x if q is None else (x - np.float64(q.zeroPoint[0])) * q.scale[0])
            if q is not None:
                y = np.clip(np.rint(y * 256.0), 0, 255) / 256.0
        values[out] = y
    return values[sub.outputs[0]]


def with_litert(data, x):
    """As with_numpy, through LiteRT's reference kernels."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
    run = Interpreter(model_content=data, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    run.allocate_tensors()
    t_in, t_out = run.get_input_details()[0], run.get_output_details()[0]
    out = []
    for one in x:
        run.set_tensor(t_in["index"], one[None])
        run.invoke()
        out.append(run.get_tensor(t_out["index"])[0])
    scale, zero = t_out["quantization"]
    return np.array(out) if scale == 0 else (np.float64(out) - zero) * scale
