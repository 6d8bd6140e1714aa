"""The engines of the benchmark, one module each.

A module has FILE (the kind of model file it reads), load_library() (everything that comes before the first model),
version(), library_files() (what an application ships), and Engine(path, threads, arrays), which loads and prepares a
model for arrays of these shapes and sets them. An Engine has run(), reset() of what it remembers between runs, and
outputs(), a list of (name, array). What an engine refuses raises any exception.
"""
import importlib

NAMES = ("tulle", "litert", "onnxruntime", "openvino")
TITLES = {"tulle": "Tulle", "litert": "LiteRT", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO"}


def engine(name):
    return importlib.import_module(f"engines.{name}")
