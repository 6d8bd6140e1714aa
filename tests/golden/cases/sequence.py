"""Layers with a memory beside those of recurrent.py: LSTM in one step, plain recurrent layers, and both directions at once."""
import itertools

from builder import Graph, K, N, V, X, Y
from case import Case, single
from cases.recurrent import HYBRID, LSTM_FORMS, lstm_values

KINDS = ("float32", "hybrid", "hybrid asymmetric")


def weights(kind, rows, columns, span=0.5):
    if kind == "float32":
        return K((rows, columns), "float32", low=-span, high=span)
    return K((rows, columns), "int8", (span / 127, 0), low=-127)


def biases(size):
    return K((size,), "float32", low=-0.5, high=0.5)


def compare(kind):
    return HYBRID if kind.startswith("hybrid") else None


def full_lstm():
    """The forms of the sequence operator, one step at a time."""
    sizes = itertools.cycle(((1, 5, 4), (2, 3, 8), (3, 1, 5), (1, 17, 3)))
    for kind in (*KINDS, "int8"):
        for cifg, peephole, projection, norm, time_major in LSTM_FORMS:
            if time_major:
                continue
            batch, depth, cells = next(sizes)
            outputs = cells - 1 if projection else cells
            values, intermediates = lstm_values(kind.split()[0], batch, 1, depth, cells, outputs, cifg, peephole, projection, norm, False)
            values[0].shape = [batch, depth]
            label = " ".join(filter(None, [f"{batch}x{depth} cells {cells}", cifg and "cifg", peephole and "peephole",
                                           projection and f"projection {projection}", norm and "norm"]))
            yield Case("LSTM", kind, label, Graph([N("LSTM", values, [Y("int8", (0.01, 3)) if kind == "int8" else Y()], intermediates,
                       fused_activation_function="TANH", cell_clip=0.0, proj_clip=0.0, asymmetric_quantize_inputs=kind.endswith("asymmetric"))]),
                       runs=4, compare=compare(kind))


def basic_lstm():
    for batch, depth, units in ((1, 4, 3), (3, 2, 8)):
        x, h, c = X((batch, depth), low=-1, high=1), X((batch, units), low=-1, high=1), X((batch, units), low=-2, high=2)
        yield Case("LSTM", "float32", f"basic {batch}x{depth} units {units}", Graph([N(
            "LSTM", [x, h, K((4 * units, depth + units), "float32", low=-1, high=1), K((4 * units,), "float32", low=-1, high=1), c],
            [Y(), Y(), Y(), Y()], kernel_type="BASIC", fused_activation_function="TANH")], inputs=[x, h, c]))
        q = (1 / 128, 128)
        x, h, c = X((batch, depth), "uint8", q), X((batch, units), "uint8", q), X((batch, units), "int16", (2 ** -11, 0))
        yield Case("LSTM", "uint8", f"basic {batch}x{depth} units {units}", Graph([N(
            "LSTM", [x, h, K((4 * units, depth + units), "uint8", (0.02, 121)), K((4 * units,), "int32", (0.02 / 128, 0), low=-9000, high=9000), c],
            [Y("uint8", q), Y("int16", (2 ** -11, 0)), Y("uint8", q), Y("int16", (2 ** -12, 0))], kernel_type="BASIC",
            fused_activation_function="TANH")], inputs=[x, h, c]))


def plain():
    for kind in KINDS:
        rest = dict(asymmetric_quantize_inputs=kind.endswith("asymmetric"))
        for act, (batch, steps, depth, units) in zip(("TANH", "RELU", "RELU6", "NONE"), ((1, 3, 5, 4), (2, 4, 3, 8), (3, 2, 1, 5), (1, 5, 17, 3))):
            layer = [weights(kind, units, depth), weights(kind, units, units), biases(units), V((batch, units))]
            yield single("RNN", kind, f"{batch}x{depth} units {units} {act}", [X((batch, depth), low=-2, high=2), *layer], Y(), runs=4,
                         compare=compare(kind), fused_activation_function=act, **rest)
            for major in (False, True):
                shape = (steps, batch, depth) if major else (batch, steps, depth)
                layer = [weights(kind, units, depth), weights(kind, units, units), biases(units), V((batch, units))]
                yield single("UNIDIRECTIONAL_SEQUENCE_RNN", kind, f"{batch}x{steps}x{depth} units {units} {act}" + " time-major" * major,
                             [X(shape, low=-2, high=2), *layer], Y(), runs=3, compare=compare(kind), fused_activation_function=act, time_major=major, **rest)


def both_ways():
    for kind in KINDS:
        rest = dict(asymmetric_quantize_inputs=kind.endswith("asymmetric"))
        for merged, major, aux in itertools.product((False, True), (False, True), (None, "weights", "instead")):
            batch, steps, depth, forward, backward = 2, 3, 3, 4, 5
            shape = (steps, batch, depth) if major else (batch, steps, depth)
            label = " ".join(filter(None, [merged and "merged", major and "time-major", aux and f"second input {aux}"])) or "plain"

            def layer(units):
                return [weights(kind, units, depth), weights(kind, units, units), biases(units), V((batch, units))]
            extra = [X(shape, low=-2, high=2) if aux else None] + [weights(kind, n, depth) if aux == "weights" else None for n in (forward, backward)]
            yield single("BIDIRECTIONAL_SEQUENCE_RNN", kind, label, [X(shape, low=-2, high=2), *layer(forward), *layer(backward), *extra],
                         [Y()] if merged else [Y(), Y()], runs=2, compare=compare(kind), time_major=major, merge_outputs=merged,
                         fused_activation_function="TANH", **rest)
            if merged and not major:
                continue  # the reference steps through the states of batches as far apart as the outputs
            for cifg, peephole, projection in ((False, False, None), (True, True, "bias"), (False, True, "plain")):
                cells, outputs = 4, 4 if projection is None else 3
                states, second, rows = [], [], [X(shape, low=-2, high=2)]
                for _ in range(2):
                    values, _ = lstm_values(kind.split()[0], batch, steps, depth, cells, outputs, cifg, peephole, projection, False, major)
                    rows += values[1:18]
                    states += values[18:20]
                    second += [weights(kind, cells, depth) if aux == "weights" and not (cifg and gate == 0) else None for gate in range(4)]
                yield single("BIDIRECTIONAL_SEQUENCE_LSTM", kind, " ".join(filter(None, [label, cifg and "cifg", peephole and "peephole", projection])),
                             [*rows, *states, X(shape, low=-2, high=2) if aux else None, *second], [Y()] if merged else [Y(), Y()], runs=2,
                             compare=compare(kind), time_major=major, merge_outputs=merged, fused_activation_function="TANH", **rest)


def cases():
    yield from full_lstm()
    yield from basic_lstm()
    yield from plain()
    yield from both_ways()
