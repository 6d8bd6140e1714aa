"""AVERAGE_POOL_2D, MAX_POOL_2D, L2_POOL_2D."""
import itertools

from builder import X, Y
from case import single

ACTIVATIONS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")
SETTINGS = {"float32": (None,), "int8": ((0.05, -7), (0.02, 127)), "uint8": ((0.05, 120), (0.1, 0)), "int16": ((0.0005, 0),)}
# batch, height, width, channels, filter h, w, stride h, w
WINDOWS = ((1, 5, 7, 3, 2, 2, 2, 2), (2, 6, 5, 8, 3, 3, 1, 1), (1, 9, 10, 1, 4, 3, 3, 2), (1, 4, 4, 17, 4, 4, 1, 1), (1, 7, 7, 5, 1, 1, 2, 3),
           (1, 3, 3, 4, 5, 5, 1, 1), (1, 8, 300, 1, 8, 300, 1, 1))


def cases():
    acts = itertools.cycle(ACTIVATIONS)
    for op, kinds in (("AVERAGE_POOL_2D", SETTINGS), ("MAX_POOL_2D", SETTINGS), ("L2_POOL_2D", ("float32",))):
        for kind in kinds:
            for number, (n, h, w, c, fh, fw, sh, sw) in enumerate(WINDOWS):
                for pad in ("SAME", "VALID"):
                    if pad == "VALID" and fh > h:
                        continue
                    act, q = next(acts), SETTINGS[kind][number % len(SETTINGS[kind])]
                    yield single(op, kind, f"{n}x{h}x{w}x{c} window {fh}x{fw} stride {sh},{sw} {pad} {act}", [X((n, h, w, c), kind, q)],
                                 Y(kind, q), padding=pad, filter_height=fh, filter_width=fw, stride_h=sh, stride_w=sw, fused_activation_function=act)
            for act in ACTIVATIONS:
                q = SETTINGS[kind][0]
                yield single(op, kind, f"activation {act}", [X((1, 6, 7, 3), kind, q)], Y(kind, q), padding="SAME", filter_height=3,
                             filter_width=2, stride_h=2, stride_w=1, fused_activation_function=act)
            yield single(op, kind, "resized", [X((1, 4, 4, 2), kind, q, signature=(-1, -1, -1, 2), run_shape=(2, 7, 5, 2))], Y(kind, q),
                         padding="VALID", filter_height=2, filter_width=2, stride_h=2, stride_w=2)
    for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        for kind, drift in (("int8", 1.001), ("uint8", 0.9985), ("int16", 1.00001)):
            (scale, zero), *_ = SETTINGS[kind]
            yield single(op, kind, "scales that drift apart", [X((1, 6, 7, 3), kind, (scale, zero))], Y(kind, (scale * drift, zero)), padding="SAME",
                         filter_height=3, filter_width=2, stride_h=2, stride_w=1, fused_activation_function="RELU6")
        for kind in ("int8", "uint8", "int16"):
            yield single(op, kind, "without a scale", [X((1, 6, 7, 3), kind)], Y(kind), padding="SAME", filter_height=3, filter_width=2, stride_h=2, stride_w=1)
