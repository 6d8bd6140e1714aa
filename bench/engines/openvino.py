"""OpenVINO's processor plugin reading the .tflite file, set for the latency of one request.

The precision is fixed to float32: by default the plugin rounds float32 models to bfloat16 on processors that multiply
those.
"""
import importlib.metadata
import importlib.util
import pathlib

FILE = "tflite"
core = None


def load_library():
    global core
    import openvino

    core = openvino.Core()
    core.get_property("CPU", "FULL_DEVICE_NAME")  # loads the plugin


def version():
    return importlib.metadata.version("openvino")


def library_files():
    folder = pathlib.Path(importlib.util.find_spec("openvino").origin).parent / "libs"
    parts = (
        "libopenvino.so*",
        "libopenvino_intel_cpu_plugin.so",
        "libopenvino_tensorflow_lite_frontend.so*",
        "libtbb.so*",
        "libhwloc.so*",
    )
    return [file for part in parts for file in sorted(folder.glob(part))]


class Engine:
    def __init__(self, path, threads, arrays):
        model = core.read_model(str(path))
        if any(port.partial_shape.is_dynamic for port in model.inputs):
            model.reshape({port: list(array.shape) for port, array in zip(model.inputs, arrays)})
        settings = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",
        }
        self.model = core.compile_model(model, "CPU", settings)
        self.request = self.model.create_infer_request()
        self.set_inputs(arrays)

    def set_inputs(self, arrays):
        for index, array in enumerate(arrays):
            self.request.get_input_tensor(index).data[...] = array

    def run(self):
        self.request.infer(share_outputs=True, decode_strings=False)

    def reset(self):
        pass  # no model of the benchmark has state here

    def outputs(self):
        names = [next(iter(port.get_names()), "") for port in self.model.outputs]
        return [(name, self.request.get_output_tensor(index).data.copy()) for index, name in enumerate(names)]
