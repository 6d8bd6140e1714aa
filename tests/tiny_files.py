"""Small .tflite, .npy and .png files out of Python's standard library alone."""
import struct
import zlib

TYPES = {"float32": 0, "float16": 1, "int32": 2, "uint8": 3, "int64": 4, "string": 5, "bool": 6, "int16": 7, "int8": 9, "float64": 10,
         "int4": 17}
# .npy: the letter struct has for an element, and NumPy's code
ELEMENTS = {"float32": ("f", "<f4"), "float16": ("e", "<f2"), "int32": ("i", "<i4"), "uint8": ("B", "|u1"), "int64": ("q", "<i8"),
            "bool": ("?", "|b1"), "int16": ("h", "<i2"), "int8": ("b", "|i1"), "float64": ("d", "<f8")}


class Ints(list):
    """A FlatBuffers vector of numbers with struct's letter for one."""
    def __init__(self, letter, values):
        super().__init__(values)
        self.letter = letter


def flatbuffer(root, identifier):
    """The bytes of nested tables {field: value}. An int is a field of four bytes (tiny fields take its first); str, bytes, Ints, lists
    and tables go by offset. Children follow their parents, so every offset points forward."""
    out = bytearray(8)

    def pad(multiple, ahead=0):
        while (len(out) + ahead) % multiple:
            out.append(0)

    def emit(value):
        if isinstance(value, dict):
            fields = [value.get(i) for i in range(max(value, default=-1) + 1)]
            pad(4, 4 + 2 * len(fields))
            present = [i for i, v in enumerate(fields) if v is not None]
            slots = {i: 4 + 4 * k for k, i in enumerate(present)}
            vtable = len(out)
            out.extend(struct.pack(f"<HH{len(fields)}H", 4 + 2 * len(fields), 4 + 4 * len(present),
                                   *(slots.get(i, 0) for i in range(len(fields)))))
            at = len(out)
            out.extend(struct.pack("<i", at - vtable) + bytes(4 * len(present)))
            for i in present:
                store(at + slots[i], fields[i])
            return at
        if isinstance(value, Ints):
            pad(8, 4)
            out.extend(struct.pack(f"<I{len(value)}{value.letter}", len(value), *value))
            return len(out) - 4 - struct.calcsize(f"<{len(value)}{value.letter}")
        if isinstance(value, list):
            pad(4)
            at = len(out)
            out.extend(struct.pack("<I", len(value)) + bytes(4 * len(value)))
            for i, item in enumerate(value):
                store(at + 4 + 4 * i, item)
            return at
        data = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape") + b"\0"
        pad(16, 4)
        at = len(out)
        out.extend(struct.pack("<I", len(data) - isinstance(value, str)) + data)
        return at

    def store(slot, value):
        if isinstance(value, int):
            struct.pack_into("<i", out, slot, value)
        else:
            struct.pack_into("<I", out, slot, emit(value) - slot)

    out[4:8] = identifier
    struct.pack_into("<I", out, 0, emit(root))
    return bytes(out)


def tensor(dtype, shape, name="x", data=b"", scale=None, zero=0, signature=None):
    return {"dtype": dtype, "shape": shape, "name": name, "data": data, "scale": scale, "zero": zero, "signature": signature}


def model(tensors, inputs, outputs, metadata=None, signature=None, nodes=(), graphs=1):
    """A .tflite file. signature: (key, {name: tensor}, {name: tensor}), of the last graph; nodes: (code, kind of options, inputs,
    outputs[, options: {field: int}]), options not given left to their defaults; graphs: how many, all alike. Without nodes outputs are inputs or constants."""
    buffers, tables = [{}], []
    for t in tensors:
        table = {0: Ints("i", t["shape"]), 1: TYPES[t["dtype"]], 2: 0, 3: t["name"]}
        if t["data"]:
            table[2] = len(buffers)
            buffers.append({0: t["data"]})
        if t["scale"] is not None:
            table[4] = {2: Ints("f", [t["scale"]]), 3: Ints("q", [t["zero"]])}
        if t["signature"] is not None:
            table[7] = Ints("i", t["signature"])
        tables.append(table)
    entries = []
    for name, data in (metadata or {}).items():
        entries.append({0: name, 1: len(buffers)})
        buffers.append({0: data})
    codes = [{0: code, 2: 1, 3: code} for code, *_ in nodes]
    operators = [{0: i, 1: Ints("i", node[2]), 2: Ints("i", node[3]), 3: node[1], 4: {**dict(*node[4:])}} for i, node in enumerate(nodes)]
    root = {0: 3, 1: codes, 2: [{0: tables, 1: Ints("i", inputs), 2: Ints("i", outputs), 3: operators}] * graphs, 3: "made by hand", 4: buffers}
    if entries:
        root[6] = entries
    if signature is not None:
        key, ins, outs = signature
        named = [[{0: name, 1: index} for name, index in names.items()] for names in (ins, outs)]
        root[7] = [{0: named[0], 1: named[1], 2: key, 4: graphs - 1}]
    return flatbuffer(root, b"TFL3")


def identity(dtype, shape, **more):
    """A model whose output is its input."""
    metadata = more.pop("metadata", None)
    return model([tensor(dtype, shape, **more)], [0], [0], metadata)


def npy(dtype, shape, values, order="C"):
    letter, code = ELEMENTS[dtype]
    dims = "".join(f"{d}, " for d in shape)
    head = f"{{'descr': '{code}', 'fortran_order': {order == 'F'}, 'shape': ({dims}), }}"
    head += " " * (-(len(head) + 11) % 64) + "\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(head)) + head.encode() + struct.pack(f"<{len(values)}{letter}", *values)


def read_npy(data):
    """(dtype, shape, values) of a version 1 file."""
    assert data[:8] == b"\x93NUMPY\1\0", data[:8]
    (length,) = struct.unpack_from("<H", data, 8)
    assert (10 + length) % 64 == 0
    head = eval(data[10:10 + length].decode(), {"__builtins__": {}})
    assert head["fortran_order"] is False
    dtype, letter = next((d, e[0]) for d, e in ELEMENTS.items() if e[1] == head["descr"])
    body = data[10 + length:]
    return dtype, head["shape"], list(struct.unpack(f"<{len(body) // struct.calcsize(letter)}{letter}", body))


def png(width, height, pixels, channels=3):
    """8-bit gray, gray and alpha, RGB or RGBA from a flat list of values."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    stride = width * channels
    rows = b"".join(b"\0" + bytes(pixels[y * stride:(y + 1) * stride]) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
