"""Reads the tensors of a PyTorch weight file in the layout before 1.6, without PyTorch and without running its code.

The layout: five pickles (magic number, protocol, system, tensors by name, storage keys in order), then per storage
its element count as int64 and its elements, little-endian. A tensor is a storage, an offset and strides into it.
"""
import collections
import io
import pickle

import numpy as np

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
Storage = collections.namedtuple("Storage", "dtype key count")
View = collections.namedtuple("View", "storage offset shape strides")

# All that a file may name; everything else is refused.
ALLOWED = {
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("torch", "FloatStorage"): np.dtype("<f4"),
    ("torch", "LongStorage"): np.dtype("<i8"),
    ("torch._utils", "_rebuild_tensor_v2"): lambda storage, offset, shape, strides, *_: View(storage, offset, shape,
                                                                                             strides),
}


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"weight file names {module}.{name}, which is not allowed")
        return ALLOWED[module, name]

    def persistent_load(self, pid):
        kind, dtype, key, _, count, _ = pid
        if kind != "storage":
            raise pickle.UnpicklingError(f"persistent id is {kind}, must be storage")
        return Storage(dtype, key, count)


def viewed(name, view, storages):
    """The tensor of a view, contiguous."""
    data, strides = storages[view.storage.key], view.strides
    last = view.offset + sum((n - 1) * s for n, s in zip(view.shape, strides))
    if len(strides) != len(view.shape) or min((0, view.offset, *view.shape, *strides)) < 0 or last >= len(data):
        raise ValueError(f"{name}: shape {view.shape}, strides {strides} leave its storage of {len(data)}")
    bytes_apart = [s * data.itemsize for s in strides]
    return np.ascontiguousarray(np.lib.stride_tricks.as_strided(data[view.offset:], view.shape, bytes_apart))


def read(data):
    """name -> array, for every tensor in the file's bytes."""
    file = io.BytesIO(data)
    magic, protocol, _, tensors, keys = [Unpickler(file).load() for _ in range(5)]
    if (magic, protocol) != (MAGIC, PROTOCOL):
        raise ValueError(f"magic and protocol are {magic:#x}, {protocol}, must be {MAGIC:#x}, {PROTOCOL}")
    kinds, storages, at = {v.storage.key: v.storage for v in tensors.values()}, {}, file.tell()
    for key in keys:
        count, dtype = int(np.frombuffer(data, "<i8", 1, at)[0]), kinds[key].dtype
        if count != kinds[key].count:
            raise ValueError(f"storage {key}: {count} elements, must be {kinds[key].count}")
        storages[key] = np.frombuffer(data, dtype, count, at + 8)
        at += 8 + storages[key].nbytes
    return {name: viewed(name, view, storages) for name, view in tensors.items()}
