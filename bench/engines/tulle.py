"""Tulle through its C API: TULLE_LIBRARY, else build/libtulle.so."""
import ctypes
import os
import pathlib

import numpy as np

FILE = "tflite"
LIBRARY = pathlib.Path(
    os.environ.get("TULLE_LIBRARY") or pathlib.Path(__file__).resolve().parents[2] / "build" / "libtulle.so"
)
TYPES = {0: np.float32, 1: np.float16, 2: np.int32, 3: np.uint8, 4: np.int64, 6: np.bool_, 7: np.int16, 9: np.int8}
lib = None


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("message", ctypes.c_char * 1000)]


class Options(ctypes.Structure):
    _fields_ = [
        ("signature", ctypes.c_char_p),
        ("threads", ctypes.c_int32),
        ("memory_limit", ctypes.c_size_t),
        ("time_nodes", ctypes.c_int32),
    ]


class Tensor(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("dtype", ctypes.c_int),
        ("rank", ctypes.c_int32),
        ("shape", ctypes.c_int32 * 8),
        ("scale", ctypes.c_float),
        ("zero_point", ctypes.c_int64),
        ("data", ctypes.c_void_p),
        ("bytes", ctypes.c_size_t),
    ]


def load_library():
    global lib
    lib = ctypes.CDLL(str(LIBRARY))
    lib.tulle_version.restype = lib.tulle_session_error.restype = ctypes.c_char_p
    lib.tulle_session_error.argtypes = lib.tulle_session_run.argtypes = [ctypes.c_void_p]


def version():
    load_library()
    return lib.tulle_version().decode()


def library_files():
    return [LIBRARY]


def create(path, threads, pack=None, pack_to=None):
    """A session over a file, with packed weights out of one file or into another."""
    model, session, error = ctypes.c_void_p(), ctypes.c_void_p(), Error()
    options = Options(threads=threads)
    if lib.tulle_model_load_file(str(path).encode(), ctypes.byref(model), ctypes.byref(error)):
        raise RuntimeError(error.message.decode())
    status = pack and lib.tulle_model_use_pack(model, str(pack).encode(), ctypes.byref(error))
    status = status or lib.tulle_session_create(
        model, ctypes.byref(options), ctypes.byref(session), ctypes.byref(error)
    )
    status = status or (pack_to and lib.tulle_model_write_pack(model, str(pack_to).encode(), ctypes.byref(error)))
    lib.tulle_model_release(model)
    if status:
        lib.tulle_session_release(session)
        raise RuntimeError(error.message.decode())
    return session


def write_pack(path, pack):
    load_library()
    lib.tulle_session_release(create(path, 1, pack_to=pack))


class Engine:
    def __init__(self, path, threads, arrays, pack=None):
        self.session = create(path, threads, pack)
        self.set_inputs(arrays)

    def check(self, status):
        if status:
            raise RuntimeError(lib.tulle_session_error(self.session).decode())

    def set_inputs(self, arrays):
        for index, array in enumerate(arrays):
            array = np.ascontiguousarray(array)
            self.check(
                lib.tulle_session_set_input(
                    self.session, index, ctypes.c_void_p(array.ctypes.data), ctypes.c_size_t(array.nbytes)
                )
            )

    def run(self):
        self.check(lib.tulle_session_run(self.session))

    def reset(self):
        lib.tulle_session_reset_variables(self.session)

    def outputs(self):
        found, tensor = [], Tensor()
        for index in range(lib.tulle_session_output_count(self.session)):
            self.check(lib.tulle_session_output(self.session, index, ctypes.byref(tensor)))
            data = ctypes.string_at(tensor.data, tensor.bytes)
            found.append(
                (tensor.name.decode(), np.frombuffer(data, TYPES[tensor.dtype]).reshape(tensor.shape[: tensor.rank]))
            )
        return found
