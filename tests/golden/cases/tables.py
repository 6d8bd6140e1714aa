"""Look-up tables between int64 and strings."""
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from builder import Graph, K, N, Value, X, Y
from case import Case

EXACT = {"mode": "exact"}  # the optimised kernels are the only ones
INT64, STRING = schema.TensorType.INT64, schema.TensorType.STRING
WORDS = ["", "a", "ab", "b", "zebra", "apple", "ä", "apple", "b b"]
NUMBERS = [7, -3, 0, 2 ** 40, 5, 11, 13, 17, -2 ** 40]


def strings(words):
    """A constant as the file holds it: count, offsets from its start, bytes."""
    parts = [w.encode() for w in words]
    ends = np.cumsum([4 * (len(parts) + 2)] + [len(p) for p in parts]).astype(np.int32)
    return Value("const", (len(parts),), "string", data=np.array([len(parts)], np.int32).tobytes() + ends.tobytes() + b"".join(parts))


def longs(numbers):
    return K(np.array(numbers, np.int64))


def table(number, key, value):
    handle = Y("resource", shape=(1,))
    return handle, N("HASHTABLE", [], [handle], table_id=number, key_dtype=key, value_dtype=value)


def cases():
    wanted = ["apple", "missing", "", "zebra", "ab", "b", "abc"]
    h, make = table(1, STRING, INT64)
    found, size = Y("int64"), Y("int64")
    yield Case("HASHTABLE_FIND", "string", "to int64", Graph([
        make, N("HASHTABLE_IMPORT", [h, strings(WORDS), longs(NUMBERS)], []),
        N("HASHTABLE_FIND", [h, strings(wanted), longs([-1])], [found]), N("HASHTABLE_SIZE", [h], [size])], inputs=[], outputs=[found, size]), runs=2, compare=EXACT)
    # numbers to words and back to numbers, by two tables; the keys are an input
    h, make = table(1, INT64, STRING)
    k, make_back = table(2, STRING, INT64)
    x, words, found = X((2, 3), "int64", each=[[[7, 1, 0], [2 ** 40, 5, 8]], [[13, 13, -3], [-4, 11, 17]]]), Y("string", shape=(2, 3)), Y("int64")
    yield Case("HASHTABLE_FIND", "int64", "to string and back", Graph([
        make, make_back, N("HASHTABLE_IMPORT", [h, longs(NUMBERS), strings(WORDS)], []),
        N("HASHTABLE_IMPORT", [k, strings(WORDS + ["none"]), longs([n + 1 for n in NUMBERS] + [99])], []),
        N("HASHTABLE_FIND", [h, x, strings(["none"])], [words]), N("HASHTABLE_FIND", [k, words, longs([-1])], [found])], inputs=[x], outputs=[found]), runs=2, compare=EXACT)
    # a second import changes nothing
    h, make = table(4, STRING, INT64)
    found, size = Y("int64"), Y("int64")
    yield Case("HASHTABLE_IMPORT", "string", "twice", Graph([
        make, N("HASHTABLE_IMPORT", [h, strings(["a", "b"]), longs([1, 2])], []), N("HASHTABLE_IMPORT", [h, strings(["a", "c"]), longs([3, 4])], []),
        N("HASHTABLE_FIND", [h, strings(["a", "b", "c"]), longs([0])], [found]), N("HASHTABLE_SIZE", [h], [size])], inputs=[], outputs=[found, size]), compare=EXACT)
