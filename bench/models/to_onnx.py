"""Exports a .tflite file to ONNX with tf2onnx, or ends with the reason why that is not possible.

    to_onnx.py IN.tflite OUT.onnx

Integer models become QuantizeLinear/DequantizeLinear pairs. An open batch becomes 1, so that shapes are known to the
engine.
"""
import pathlib
import sys

import numpy as np
import onnx
import tf2onnx
from tf2onnx.handler import tfl_op
from tf2onnx.tflite_handlers.tfl_math import TflFullyConnectedOp

OPSET = 18


@tfl_op(["TFL_GELU"])
class Gelu:
    """tf2onnx has no rule for GELU; the composition below is the pattern that engines fuse again."""

    @classmethod
    def version_9(cls, context, node, **_):
        x, output = node.input[0], node.output[0]
        shapes, dtypes = [context.get_shape(output)], [context.get_dtype(output)]
        approximate = node.get_attr_value("approximate", False)
        context.remove_node(node.name)
        constant = lambda value: context.make_const(
            tf2onnx.utils.make_name("gelu"), np.array(value, np.float32)
        ).output[0]
        join = lambda kind, *inputs: context.make_node(kind, list(inputs), shapes=shapes, dtypes=dtypes).output[0]
        if approximate:
            cube = join("Mul", constant(0.044715), join("Pow", x, constant(3.0)))
            inner = join("Tanh", join("Mul", constant(np.sqrt(2 / np.pi)), join("Add", x, cube)))
        else:
            inner = join("Erf", join("Div", x, constant(np.sqrt(2.0))))
        product = join("Mul", x, join("Add", inner, constant(1.0)))
        context.make_node("Mul", [product, constant(0.5)], outputs=[output], shapes=shapes, dtypes=dtypes)


@tfl_op(["TFL_FULLY_CONNECTED"])
class FullyConnected:
    """tf2onnx's own rule drops the bias where the input has another rank than two; so it gets one of rank two."""

    @classmethod
    def to_tf(cls, context, node, **_):
        x, depth = node.input[0], context.get_shape(node.input[1])[1]
        if node.attr["keep_num_dims"].i == 0 and context.get_rank(x) != 2:
            rows = int(np.prod(context.get_shape(x))) // depth
            shape = context.make_const(tf2onnx.utils.make_name("shape"), np.array([-1, depth], np.int64)).output[0]
            flat = context.make_node("Reshape", [x, shape], shapes=[[rows, depth]], dtypes=[context.get_dtype(x)])
            flat.skip_conversion = True
            context.replace_input(node, x, flat.output[0], 0)
        TflFullyConnectedOp.to_tf(context, node)


def fix_batch(model):
    for value in model.graph.input:
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param:
                dim.dim_value = 1
    for value in [*model.graph.output, *model.graph.value_info]:
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param:
                dim.ClearField("dim_param")
    return onnx.shape_inference.infer_shapes(model)


def main(source, target):
    model, _ = tf2onnx.convert.from_tflite(source, opset=OPSET)
    model = fix_batch(model)
    onnx.checker.check_model(model)
    pathlib.Path(target).write_bytes(model.SerializeToString())


if __name__ == "__main__":
    main(*sys.argv[1:])
