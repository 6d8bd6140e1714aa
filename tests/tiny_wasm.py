"""Small WebAssembly modules out of Python's standard library alone, for what a compiler would not make."""
TYPES = {"i": 0x7F, "l": 0x7E, "f": 0x7D, "d": 0x7C}
FOR_EVER = b"\x03\x40\x0c\x00\x0b"  # loop br 0 end
TRAP = b"\x00"
# While table.grow of 10000 null functions is not -1.
GROW_TABLE = b"\x03\x40\xd0\x70\x41\x90\xce\x00\xfc\x0f\x00\x41\x7f\x47\x0d\x00\x0b"


def number(value):
    """Unsigned LEB128."""
    data = bytearray()
    while value > 127:
        data.append(value & 127 | 128)
        value >>= 7
    return bytes(data) + bytes([value])


def vector(items):
    items = list(items)
    return number(len(items)) + b"".join(items)


def text(name):
    return vector(bytes([byte]) for byte in name.encode())


def limits(least, most=None):
    return b"\0" + number(least) if most is None else b"\1" + number(least) + number(most)


def signed(value):
    data = bytearray()
    while not -64 <= value < 64:
        data.append(value & 127 | 128)
        value >>= 7
    return bytes(data) + bytes([value & 127])


def count_to(value):
    """A loop over its one local: local.get 0, i32.const 1, i32.add, local.tee 0, i32.const value, i32.lt_s, br_if 0."""
    return b"\x03\x40\x20\x00\x41\x01\x6a\x22\x00\x41" + signed(value) + b"\x48\x0d\x00\x0b"


def module(functions, imports=(), memory=limits(1), table=None, start=None, version=1):
    """functions: (exported name or None, "ii>i", code[, how many locals of i32]); imports: (module, name, "ii>i") or, for a memory,
    (module, name, limits). start: the position of the function that runs first. The memory is exported."""
    types, made = [], b""

    def type_of(signature):
        if signature not in types:
            types.append(signature)
        return number(types.index(signature))

    def section(kind, content):
        return bytes([kind]) + number(len(content)) + content

    entries = [text(where) + text(name) + (b"\x02" + what if isinstance(what, bytes) else b"\x00" + type_of(what)) for where, name, what in imports]
    first = sum(isinstance(what, str) for *_, what in imports)
    kinds = [type_of(signature) for _, signature, *_ in functions]
    exports = [text(name) + b"\0" + number(first + i) for i, (name, *_) in enumerate(functions) if name is not None]
    if memory is not None:
        exports.append(text("memory") + b"\x02\0")
    made += section(1, vector(b"\x60" + b"".join(vector(bytes([TYPES[t]]) for t in part) for part in signature.split(">")) for signature in types))
    made += section(2, vector(entries)) + section(3, vector(kinds))
    made += section(4, vector([b"\x70" + table])) if table is not None else b""
    made += section(5, vector([memory])) if memory is not None else b""
    made += section(7, vector(exports))
    made += section(8, number(first + start)) if start is not None else b""
    codes = [(vector([number(more[0]) + b"\x7f"]) if more else b"\0") + code + b"\x0b" for _, _, code, *more in functions]
    made += section(10, vector(number(len(code)) + code for code in codes))
    return b"\0asm" + version.to_bytes(4, "little") + made
