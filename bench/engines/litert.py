"""LiteRT through its interpreter, with the XNNPACK delegate that it applies by default."""
import importlib
import importlib.metadata
import importlib.util
import pathlib

FILE = "tflite"


def load_library():
    importlib.import_module("ai_edge_litert.interpreter")


def version():
    return importlib.metadata.version("ai-edge-litert")


def library_files():
    folder = pathlib.Path(importlib.util.find_spec("ai_edge_litert").origin).parent
    return [folder / "libpywrap_litert_common.so", folder / "_pywrap_litert_interpreter_wrapper.so"]


class Engine:
    def __init__(self, path, threads, arrays):
        from ai_edge_litert.interpreter import Interpreter

        self.interpreter = Interpreter(str(path), num_threads=threads)
        self.interpreter.allocate_tensors()
        self.set_inputs(arrays)
        self.run = self.interpreter.invoke

    def set_inputs(self, arrays):
        for detail, array in zip(self.interpreter.get_input_details(), arrays):
            self.interpreter.set_tensor(detail["index"], array)

    def reset(self):
        self.interpreter.reset_all_variables()

    def outputs(self):
        return [(d["name"], self.interpreter.get_tensor(d["index"])) for d in self.interpreter.get_output_details()]
