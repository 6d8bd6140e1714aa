"""ONNX Runtime's processor kernels, with inputs and outputs bound once.

An integer model's export takes and gives real numbers where the .tflite file has integers with a scale.
"""
import importlib
import importlib.metadata
import importlib.util
import pathlib

import numpy as np

FILE = "onnx"
TYPES = {
    "tensor(float)": np.float32,
    "tensor(uint8)": np.uint8,
    "tensor(int8)": np.int8,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
}


def load_library():
    importlib.import_module("onnxruntime")


def version():
    return importlib.metadata.version("onnxruntime")


def library_files():
    folder = pathlib.Path(importlib.util.find_spec("onnxruntime").origin).parent
    return sorted((folder / "capi").glob("libonnxruntime.so*"))


class Engine:
    def __init__(self, path, threads, arrays):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.binding = self.session.io_binding()
        self.set_inputs(arrays)
        for output in self.session.get_outputs():
            self.bind_output(onnxruntime, output)

    def bind_output(self, onnxruntime, output):
        """Into memory that stays the same where the shape is known."""
        if all(isinstance(size, int) for size in output.shape) and output.type in TYPES:
            value = onnxruntime.OrtValue.ortvalue_from_shape_and_type(output.shape, TYPES[output.type])
            self.binding.bind_ortvalue_output(output.name, value)
        else:
            self.binding.bind_output(output.name)

    def set_inputs(self, arrays):
        import onnxruntime

        for wanted, array in zip(self.session.get_inputs(), arrays):
            if TYPES[wanted.type] != array.dtype:
                raise TypeError(f"the export takes {wanted.type}, the model {array.dtype}")
            value = onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(array))
            self.binding.bind_ortvalue_input(wanted.name, value)

    def run(self):
        self.session.run_with_iobinding(self.binding)

    def reset(self):
        pass  # no model of the benchmark has state here

    def outputs(self):
        names = [output.name for output in self.session.get_outputs()]
        return list(zip(names, self.binding.copy_outputs_to_cpu()))
