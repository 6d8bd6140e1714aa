"""Graphs that call graphs, variables, shapes known only at run time, and small nets of several operators."""
import numpy as np

from builder import I32, K, Graph, N, X, Y
from case import Case



def branch(op):
    """One graph of one node on two values."""
    a, b, y = X((2, 3)), X((2, 3)), Y(shape=(2, 3))
    return Graph([N(op, [a, b], [y])], inputs=[a, b], name=op.lower())


def conditions():
    for flag in (True, False):
        c, a, b, y = X((), "bool", data=flag), X((2, 3)), X((2, 3)), Y(shape=(2, 3))
        yield Case("IF", "float32", f"{flag}", [Graph([N("IF", [c, a, b], [y], then_subgraph_index=1, else_subgraph_index=2)], inputs=[c, a, b]),
                                                branch("ADD"), branch("MUL")])
    c, a, b, y = X((), "bool", each=[True, False, True]), X((2, 3)), X((2, 3)), Y(shape=(2, 3))
    yield Case("IF", "float32", "both ways in turn", [Graph([N("IF", [c, a, b], [y], then_subgraph_index=1, else_subgraph_index=2)], inputs=[c, a, b]),
                                                      branch("SUB"), branch("MAXIMUM")], runs=3)
    # the branches give results of different shapes
    a1, y1 = X((2, 3)), Y(shape=(4, 3))
    grow = Graph([N("CONCATENATION", [a1, a1], [y1], axis=0)], inputs=[a1], name="grow")
    a2, y2 = X((2, 3)), Y(shape=(2, 3))
    keep = Graph([N("NEG", [a2], [y2])], inputs=[a2], name="keep")
    c, a, y = X((), "bool", each=[True, False]), X((2, 3)), Y(shape=(1, 1), signature=(-1, -1))
    yield Case("IF", "float32", "shapes differ", [Graph([N("IF", [c, a], [y], then_subgraph_index=1, else_subgraph_index=2)], inputs=[c, a]), grow, keep], runs=2)
    # a branch with a branch inside, and work before and after
    c, d, a, b = X((), "bool", each=[True, True, False]), X((), "bool", each=[True, False, True]), X((2, 3)), X((2, 3))
    s, t, y = Y(shape=(2, 3)), Y(shape=(2, 3)), Y(shape=(2, 3))
    d1, a1, b1, y1 = X((), "bool"), X((2, 3)), X((2, 3)), Y(shape=(2, 3))
    inner = Graph([N("IF", [d1, a1, b1], [y1], then_subgraph_index=3, else_subgraph_index=4)], inputs=[d1, a1, b1], name="inner")
    d2, a2, b2, y2 = X((), "bool"), X((2, 3)), X((2, 3)), Y(shape=(2, 3))
    other = Graph([N("SUB", [a2, b2], [y2])], inputs=[d2, a2, b2], name="other")
    yield Case("IF", "float32", "nested", [Graph([N("ADD", [a, b], [s]), N("IF", [c, d, s, b], [t], then_subgraph_index=1, else_subgraph_index=2),
                                                  N("MUL", [t, a], [y])], inputs=[c, d, a, b]), inner, other, branch("MUL"), branch("MINIMUM")], runs=3)


def loops():
    def counted(body_nodes, shape, dtype="float32", limit=4, after=None):
        """while (i < limit) { i += 1; x = body(x, i) }"""
        i0, x0, c0 = X((), "int32"), X(shape, dtype), Y("bool", shape=())
        condition = Graph([N("LESS", [i0, K(np.array(limit, np.int32))], [c0])], inputs=[i0, x0], outputs=[c0], name="condition")
        i1, x1, j1, z1 = X((), "int32"), X(shape, dtype), Y("int32", shape=()), Y(dtype, shape=after or shape, signature=None if after is None else (-1,) * len(shape))
        body = Graph([N("ADD", [i1, K(np.array(1, np.int32))], [j1])] + body_nodes(x1, j1, z1), inputs=[i1, x1], outputs=[j1, z1], name="body")
        i, x = X((), "int32", each=[0, 2, 9]), X(shape, dtype, low=-2, high=2)
        n, y = Y("int32", shape=()), Y(dtype, shape=after or shape, signature=None if after is None else (-1,) * len(shape))
        return [Graph([N("WHILE", [i, x], [n, y], cond_subgraph_index=1, body_subgraph_index=2)], inputs=[i, x], outputs=[n, y]), condition, body]

    yield Case("WHILE", "float32", "doubles", counted(lambda x, i, z: [N("ADD", [x, x], [z])], (2, 3)), runs=3)
    yield Case("WHILE", "int32", "multiplies by the counter", counted(lambda x, i, z: [N("MUL", [x, i], [z])], (3,), "int32"), runs=3)

    def two(x, i, z):
        t = Y(shape=(2, 3))
        return [N("TANH", [x], [t]), N("MUL", [t, x], [z])]
    yield Case("WHILE", "float32", "two nodes", counted(two, (2, 3)), runs=3)
    yield Case("WHILE", "float32", "grows", counted(lambda x, i, z: [N("CONCATENATION", [x, K(np.ones((1, 3), np.float32))], [z], axis=0)], (1, 3), after=(1, 3)), runs=3)

    # values that swap places (by way of nodes: the reference loses one where a body hands its inputs back in another order)
    def swap():
        a0, b0, i0, c0 = X((2,)), X((2,)), X((), "int32"), Y("bool", shape=())
        condition = Graph([N("GREATER", [i0, K(np.array(0, np.int32))], [c0])], inputs=[i0, a0, b0], outputs=[c0], name="condition")
        i1, a1, b1, j1 = X((), "int32"), X((2,)), X((2,)), Y("int32", shape=())
        a2, b2 = Y(shape=(2,)), Y(shape=(2,))
        body = Graph([N("SUB", [i1, K(np.array(1, np.int32))], [j1]), N("MAXIMUM", [b1, b1], [a2]), N("MAXIMUM", [a1, a1], [b2])],
                     inputs=[i1, a1, b1], outputs=[j1, a2, b2], name="body")
        i, a, b = X((), "int32", each=[3, 2, 0]), X((2,)), X((2,))
        n, y, z = Y("int32", shape=()), Y(shape=(2,)), Y(shape=(2,))
        return [Graph([N("WHILE", [i, a, b], [n, y, z], cond_subgraph_index=1, body_subgraph_index=2)], inputs=[i, a, b], outputs=[n, y, z]), condition, body]
    yield Case("WHILE", "float32", "swaps its values", swap(), runs=3)

    def kept():
        i0, k0, x0, c0 = X((), "int32"), X((), "int32"), X((2,)), Y("bool", shape=())
        condition = Graph([N("LESS", [i0, k0], [c0])], inputs=[i0, k0, x0], outputs=[c0], name="condition")
        i1, k1, x1, j1, z1 = X((), "int32"), X((), "int32"), X((2,)), Y("int32", shape=()), Y(shape=(2,))
        body = Graph([N("ADD", [i1, K(np.array(1, np.int32))], [j1]), N("SQUARE", [x1], [z1])], inputs=[i1, k1, x1], outputs=[j1, k1, z1], name="body")
        i, k, x = X((), "int32", data=0), X((), "int32", each=[3, 1, 0]), X((2,), low=-1, high=1)
        n, m, y = Y("int32", shape=()), Y("int32", shape=()), Y(shape=(2,))
        return [Graph([N("WHILE", [i, k, x], [n, m, y], cond_subgraph_index=1, body_subgraph_index=2)], inputs=[i, k, x], outputs=[n, m, y]), condition, body]
    yield Case("WHILE", "float32", "one value only passes through", kept(), runs=3)


def handle(name):
    return Y("resource", shape=(1,), name=name)


def variables():
    for dtype in ("float32", "int32", "int64", "int8"):
        h, v, y = handle("h"), Y(dtype, shape=(2, 3)), Y(dtype, shape=(2, 3))
        x = X((2, 3), dtype)
        main = Graph([N("CALL_ONCE", [], [], init_subgraph_index=1), N("VAR_HANDLE", [], [h], shared_name=b"state", container=b""),
                      N("READ_VARIABLE", [h], [v]), N("ADD" if dtype != "int8" else "MAXIMUM", [v, x], [y]), N("ASSIGN_VARIABLE", [h, y], [])],
                     inputs=[x], outputs=[y])
        g = handle("g")
        start = Graph([N("VAR_HANDLE", [], [g], shared_name=b"state", container=b""), N("ASSIGN_VARIABLE", [g, K((2, 3), dtype)], [])],
                      inputs=[], outputs=[], name="start")
        yield Case("CALL_ONCE", dtype, "accumulates over runs", [main, start], runs=4)
    h, y, x = handle("h"), Y(shape=(3,)), X((3,))
    yield Case("ASSIGN_VARIABLE", "float32", "then read", Graph([N("VAR_HANDLE", [], [h], shared_name=b"a", container=b""), N("ASSIGN_VARIABLE", [h, x], []),
                                                                N("READ_VARIABLE", [h], [y])], inputs=[x], outputs=[y]), runs=2)
    h, k, y, z, x, w = handle("h"), handle("k"), Y(shape=(3,)), Y(shape=(3,)), X((3,)), X((3,))
    yield Case("ASSIGN_VARIABLE", "float32", "two variables", Graph([
        N("VAR_HANDLE", [], [h], shared_name=b"a", container=b""), N("VAR_HANDLE", [], [k], shared_name=b"b", container=b""), N("ASSIGN_VARIABLE", [h, x], []),
        N("ASSIGN_VARIABLE", [k, w], []), N("READ_VARIABLE", [k], [y]), N("READ_VARIABLE", [h], [z])], inputs=[x, w], outputs=[y, z]), runs=2)
    # a window that slides over the runs, as streaming models keep it
    h, v, j, s, x = handle("h"), Y("int8", (0.1, 0), (1, 4, 2)), Y("int8", (0.1, 0), (1, 5, 2)), Y("int8", (0.1, 0), (1, 4, 2)), X((1, 1, 2), "int8", (0.1, 0))
    main = Graph([N("CALL_ONCE", [], [], init_subgraph_index=1), N("VAR_HANDLE", [], [h], shared_name=b"window", container=b""), N("READ_VARIABLE", [h], [v]),
                  N("CONCATENATION", [v, x], [j], axis=1), N("STRIDED_SLICE", [j, I32(0, 1, 0), I32(1, 5, 2), I32(1, 1, 1)], [s]), N("ASSIGN_VARIABLE", [h, s], [])],
                 inputs=[x], outputs=[j])
    g = handle("g")
    start = Graph([N("VAR_HANDLE", [], [g], shared_name=b"window", container=b""), N("ASSIGN_VARIABLE", [g, K(np.zeros((1, 4, 2), np.int8), q=(0.1, 0))], [])],
                  inputs=[], outputs=[], name="start")
    yield Case("READ_VARIABLE", "int8", "a sliding window", [main, start], runs=6)


def nets():
    """Several operators: shapes that depend on data, results read twice, an input that is an output."""
    # reshape to a shape computed from another tensor
    x, s, y, z = X((2, 6)), Y("int32"), Y(), Y()
    w = X((3, 4))
    yield Case("RESHAPE", "float32", "to the shape of another value", Graph([N("SHAPE", [w], [s], out_type="INT32"), N("RESHAPE", [x, s], [y]), N("ADD", [y, w], [z])], inputs=[x, w]))
    # keep the positive rows: WHERE and GATHER_ND behind it
    x, b, p, y, z = X((6, 2)), Y("bool"), Y("int64"), Y(), Y()
    c = X((6,), each=[[1, -1, 2, 0, 3, -2], [-1, -1, -1, 5, -1, -1], [1, 1, 1, 1, 1, 1]])
    yield Case("WHERE", "float32", "then GATHER_ND and SUM", Graph([
        N("GREATER", [c, K(np.array(0, np.float32))], [b]), N("WHERE", [b], [p]), N("GATHER_ND", [x, p], [y]), N("SUM", [y, I32(0)], [z], keep_dims=True)],
        inputs=[x, c], outputs=[y, z]), runs=3, compare={"mode": "relative", "tolerance": 1e-6})
    # a range as long as a value says, then broadcast
    n, r, y = X((), "int32", each=[3, 7, 1]), Y("int32"), Y("int32")
    yield Case("RANGE", "int32", "as long as an input says, then MUL", Graph([
        N("RANGE", [K(np.array(0, np.int32)), n, K(np.array(1, np.int32))], [r]), N("MUL", [r, r], [y])], inputs=[n], outputs=[r, y]), runs=3)
    # fill, tile and pad from computed amounts; a convolution behind a dynamic shape
    s, f, y, z = X((4,), "int32", each=[[1, 4, 4, 2], [2, 3, 5, 2]]), Y(), Y(), Y()
    yield Case("CONV_2D", "float32", "behind a shape known at run time", Graph([
        N("FILL", [s, K(np.array(1.5, np.float32))], [f]), N("CONV_2D", [f, K((3, 3, 3, 2), "float32"), K((3,), "float32")], [y], padding="SAME", stride_h=1, stride_w=1),
        N("MEAN", [y, I32(1, 2)], [z])], inputs=[s], outputs=[y, z]), runs=2)
    # an input handed out unchanged, a constant handed out, a result used by two nodes
    x, y, z = X((2, 3)), Y(), Y()
    k = K((2, 3), "float32")
    yield Case("ADD", "float32", "input and constant are results too", Graph([N("ADD", [x, k], [y]), N("MUL", [y, y], [z])], inputs=[x], outputs=[x, k, y, z]))
    # a residual block in int8
    x, a, b, y = X((1, 6, 6, 4), "int8", (0.05, 3)), Y("int8", (0.1, -128)), Y("int8", (0.2, 4)), Y("int8", (0.2, -3))
    s = [0.01, 0.02, 0.005, 0.013]
    yield Case("CONV_2D", "int8", "a residual block", Graph([
        N("CONV_2D", [x, K((4, 3, 3, 4), "int8", (s, 0), low=-127), K((4,), "int32", ([0.05 * v for v in s], 0))], [a], padding="SAME", stride_h=1, stride_w=1, fused_activation_function="RELU"),
        N("DEPTHWISE_CONV_2D", [a, K((1, 3, 3, 4), "int8", (s, 0, 3), low=-127), K((4,), "int32", ([0.1 * v for v in s], 0))], [b], padding="SAME", stride_h=1, stride_w=1, depth_multiplier=1),
        N("ADD", [x, b], [y])]), runs=2)
    # the same, resized between runs
    x, y = X((1, 4, 3), signature=(-1, -1, 3), run_shape=None, each=[np.arange(12).reshape(1, 4, 3) * 0.1, np.arange(30).reshape(2, 5, 3) * -0.1, np.arange(12).reshape(1, 4, 3) * 0.3]), Y()
    yield Case("SOFTMAX", "float32", "another shape in every run", Graph([N("SOFTMAX", [x], [y], beta=1.0)]), runs=3)


def cases():
    yield from conditions()
    yield from loops()
    yield from variables()
    yield from nets()
