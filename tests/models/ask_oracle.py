"""Child of compare.py: runs one model on the arrays of an .npz file and leaves the outputs in another.

    ask_oracle.py litert|micro describe MODEL OUT.json          inputs and outputs of the model
    ask_oracle.py litert|micro run MODEL IN.npz OUT.npz         arrays i0, i1, … in; o0, o1, … out

A process of its own, because an oracle may abort.
"""
import json
import sys

import numpy as np


def litert(path):
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
    return Interpreter(path, experimental_op_resolver_type=OpResolverType.BUILTIN_REF, num_threads=1)


def plain(detail):
    scales = detail["quantization_parameters"]["scales"]
    return {"name": detail.get("name", ""), "dtype": np.dtype(detail["dtype"]).name, "shape": [int(d) for d in detail["shape"]],
            "signature": [int(d) for d in detail.get("shape_signature", detail["shape"])],
            "scale": float(scales[0]) if len(scales) else 0.0,
            "zero": int(detail["quantization_parameters"]["zero_points"][0]) if len(scales) else 0}


def run_litert(path, arrays):
    session = litert(path)
    for detail, array in zip(session.get_input_details(), arrays):
        if list(detail["shape"]) != list(array.shape):
            session.resize_tensor_input(detail["index"], array.shape)
    session.allocate_tensors()
    for detail, array in zip(session.get_input_details(), arrays):
        session.set_tensor(detail["index"], array)
    session.invoke()
    return [session.get_tensor(d["index"]) for d in session.get_output_details()]


def micro(path):
    from tflite_micro import runtime
    return runtime.Interpreter.from_file(path, arena_size=4 << 20)


def count(session_detail):
    """How many inputs or outputs there are: the details of the first missing one raise."""
    number = 0
    try:
        while True:
            session_detail(number)
            number += 1
    except (IndexError, ValueError):
        return number


def run_micro(path, arrays):
    session = micro(path)
    for index, array in enumerate(arrays):
        session.set_input(array, index)
    session.invoke()
    return [session.get_output(i) for i in range(count(session.get_output_details))]


def main(oracle, verb, path, *files):
    if verb == "run":
        with np.load(files[0]) as given:
            arrays = [given[f"i{i}"] for i in range(len(given.files))]
        outputs = (run_litert if oracle == "litert" else run_micro)(path, arrays)
        np.savez(files[1], **{f"o{i}": o for i, o in enumerate(outputs)})
        return
    session = litert(path) if oracle == "litert" else micro(path)
    if oracle == "litert":
        inputs, outputs = session.get_input_details(), session.get_output_details()
    else:
        inputs = [session.get_input_details(i) for i in range(count(session.get_input_details))]
        outputs = [session.get_output_details(i) for i in range(count(session.get_output_details))]
    with open(files[0], "w", encoding="utf-8") as out:
        json.dump({"inputs": [plain(d) for d in inputs], "outputs": [plain(d) for d in outputs]}, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
