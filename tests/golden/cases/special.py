"""CONV_3D, sparse weights behind DENSIFY, detection post-processing, segments and other rare operators."""
import itertools

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

from builder import I32, K, Graph, N, Value, X, Y
from case import Case, single


def volumes():
    acts = itertools.cycle(("NONE", "RELU", "RELU6", "RELU_N1_TO_1"))
    for shape, kernel, strides, dilation in (((1, 4, 5, 6, 2), (2, 3, 3, 2, 3), (1, 1, 1), (1, 1, 1)), ((2, 5, 5, 4, 1), (3, 2, 2, 1, 4), (2, 1, 2), (1, 1, 1)),
                                             ((1, 5, 6, 5, 3), (2, 2, 2, 3, 2), (1, 1, 1), (2, 1, 2))):
        for pad, bias in itertools.product(("SAME", "VALID"), (True, False)):
            act = next(acts)
            yield single("CONV_3D", "float32", f"{list(shape)} {list(kernel)} stride {list(strides)} dilation {list(dilation)} {pad} {'bias ' * bias}{act}",
                         [X(shape), K(kernel, "float32", low=-1, high=1)] + [K((kernel[-1],), "float32")] * bias, Y(), padding=pad, stride_d=strides[0], stride_h=strides[1],
                         stride_w=strides[2], dilation_d_factor=dilation[0], dilation_h_factor=dilation[1], dilation_w_factor=dilation[2], fused_activation_function=act)
    for given, kernel, strides, dilation, same, valid in (
            ((1, 2, 3, 3, 3), (2, 3, 3, 2, 3), (2, 2, 2), (1, 1, 1), (4, 6, 6), (4, 7, 7)), ((2, 3, 2, 4, 1), (1, 2, 3, 4, 1), (1, 2, 1), (1, 1, 1), (3, 3, 4), (3, 4, 6)),
            ((1, 3, 3, 2, 2), (2, 2, 2, 3, 2), (1, 1, 1), (2, 1, 2), (3, 3, 2), (5, 4, 4))):
        for (pad, size), bias in itertools.product((("SAME", same), ("VALID", valid)), (True, False)):
            act = next(acts)
            yield single("CONV_3D_TRANSPOSE", "float32", f"{list(given)} {list(kernel)} stride {list(strides)} dilation {list(dilation)} {pad} {'bias ' * bias}{act}",
                         [I32(given[0], *size, kernel[3]), K(kernel, "float32", low=-1, high=1), X(given)] + [K((kernel[3],), "float32")] * bias, Y(), padding=pad, stride_d=strides[0],
                         stride_h=strides[1], stride_w=strides[2], dilation_d_factor=dilation[0], dilation_h_factor=dilation[1], dilation_w_factor=dilation[2],
                         fused_activation_function=act)


def sparse(dense, order, block_map, block):
    """SparsityParameters and the packed values of a matrix: rows dense, columns (of blocks) compressed, blocks dense."""
    rows, columns = dense.shape
    high, wide = block or (1, 1)
    segments, indices, values = [0], [], []
    for r in range(rows // high):
        for c in range(columns // wide):
            part = dense[r * high:(r + 1) * high, c * wide:(c + 1) * wide]
            if part.any():
                indices.append(c)
                values.extend(part.reshape(-1))
        segments.append(len(indices))
    made = schema.SparsityParametersT()
    made.traversalOrder, made.blockMap = np.array(order, np.int32), None if block_map is None else np.array(block_map, np.int32)
    first, second = schema.DimensionMetadataT(), schema.DimensionMetadataT()
    first.format, first.denseSize = schema.DimensionType.DENSE, rows // high
    second.format = schema.DimensionType.SPARSE_CSR
    for name, numbers in (("array_segments", segments), ("array_indices", indices)):
        small = max(numbers, default=0) < 256
        vector = schema.Uint8VectorT() if small else schema.Int32VectorT()
        vector.values = np.array(numbers, np.uint8 if small else np.int32)
        kind = schema.SparseIndexVector.Uint8Vector if small else schema.SparseIndexVector.Int32Vector
        if name == "array_segments":
            second.arraySegments, second.arraySegmentsType = vector, kind
        else:
            second.arrayIndices, second.arrayIndicesType = vector, kind
    made.dimMetadata = [first, second]
    for size in block or ():
        inner = schema.DimensionMetadataT()
        inner.format, inner.denseSize = schema.DimensionType.DENSE, size
        made.dimMetadata.append(inner)
    return made, np.array(values, dense.dtype)


def densify():
    rng = np.random.default_rng(124)
    for dtype in ("float32", "float16", "int8"):
        for shape, block in (((4, 8), None), ((6, 8), (2, 4)), ((8, 16), (1, 4)), ((5, 7), None), ((16, 300), None)):
            dense = (rng.integers(-9, 9, shape) * (rng.random(shape) < 0.3)).astype(dtype)
            order, block_map = ((0, 1), None) if block is None else ((0, 1, 2, 3), (0, 1))
            sparsity, values = sparse(dense, order, block_map, block)
            q = (0.1, 0) if dtype == "int8" else None
            w = Value("const", shape, dtype, q, data=values.tobytes(), sparsity=sparsity)
            d, y = Y(dtype, q), Y()
            label = f"{list(shape)} block {list(block or [])}".strip()
            nodes = [N("DENSIFY", [w], [d])]
            if dtype == "float32":
                yield Case("DENSIFY", dtype, label, Graph(nodes + [N("FULLY_CONNECTED", [X((2, shape[1])), d, None], [y])]))
                yield Case("DENSIFY", dtype, f"{label} handed out", Graph(nodes + [N("ADD", [d, X(shape)], [y])]))
            else:
                f = Y()
                yield Case("DENSIFY", dtype, label, Graph(nodes + [N("DEQUANTIZE", [d], [f]), N("ADD", [f, X(shape)], [y])]))


def detection():
    def made(**settings):
        builder = flexbuffers.Builder()
        with builder.Map():
            for key, value in settings.items():
                builder.Key(key)
                (builder.Bool if isinstance(value, bool) else builder.Float if isinstance(value, float) else builder.Int)(value)
        return bytes(builder.Finish())

    boxes, classes = 12, 4
    rng = np.random.default_rng(51)
    centres = rng.random((boxes, 2)) * 0.8
    anchors = np.concatenate([centres, np.full((boxes, 2), 0.3)], 1).astype(np.float32)
    for regular, most, per_class, limit in ((False, 3, 1, 0.2), (False, 3, 2, 0.2), (True, 4, 1, 0.2), (True, 5, 1, 0.0), (True, 8, 1, 0.97)):
        for kind in ("float32", "uint8", "int8"):
            options = made(max_detections=most, max_classes_per_detection=per_class, detections_per_class=3, use_regular_nms=regular,
                           nms_score_threshold=limit, nms_iou_threshold=0.5, num_classes=classes - 1, y_scale=10.0, x_scale=10.0, h_scale=5.0, w_scale=5.0)
            q = {"uint8": ((0.02, 120), (1 / 256, 0), (1 / 255, 0)), "int8": ((0.02, -8), (1 / 256, -128), (1 / 255, -128))}.get(kind, (None, None, None))
            if kind == "float32":
                corner, score, anchor = X((1, boxes, 4), low=-2, high=2), X((1, boxes, classes), low=0.3, high=1), K(anchors)
            else:
                low = 0 if kind == "uint8" else -128
                corner = X((1, boxes, 4), kind, q[0])
                score = X((1, boxes, classes), kind, q[1], low=low + 80, high=low + 255)
                anchor = K(np.round(anchors * 255 + low).astype(kind), kind, q[2])
            label = f"{'regular' if regular else 'fast'} {most} detections {per_class} a box limit {limit}"
            outs = [Y(name=n) for n in ("boxes", "classes", "scores", "count")]
            yield Case("custom:TFLite_Detection_PostProcess", kind, label, Graph([
                N("custom:TFLite_Detection_PostProcess", [corner, score, anchor], outs, custom_options=options)], outputs=outs), runs=2)


def rare():
    for kind in ("float32", "int32", "int64"):
        for op in ("UNSORTED_SEGMENT_PROD", "UNSORTED_SEGMENT_MAX", "UNSORTED_SEGMENT_MIN", "UNSORTED_SEGMENT_SUM"):
            if kind == "int64":
                continue
            yield single(op, kind, "rows", [X((5, 2), kind, low=-5, high=5), X((5,), "int32", data=[2, 0, 2, 1, 0]), K(np.array(4, np.int32))], Y(kind))
            yield single(op, kind, "values", [X((5,), kind, low=-5, high=5), X((5,), "int32", data=[2, 0, -1, 1, 0]), K(np.array(3, np.int32))], Y(kind))
        yield single("SEGMENT_SUM", kind, "rows", [X((5, 2), kind), X((5,), "int32", data=[0, 0, 1, 2, 2])], Y(kind), oracle="opt")
    for number, (low, high, bits, narrow) in enumerate(((-6.0, 6.0, 8, False), (0.0, 6.0, 8, True), (-1.0, 2.0, 4, False), (-3.0, 3.0, 16, False))):
        yield single("FAKE_QUANT", "float32", f"setting {number}", [X((3, 20), low=-8, high=8)], Y(), min=low, max=high, num_bits=bits, narrow_range=narrow)
    for kind in ("float32", "int32", "int64", "float64"):
        yield single("BUCKETIZE", kind, "", [X((3, 7), kind)], Y("int32"), boundaries=np.array([-2.5, 0.0, 1.0, 3.0], np.float32))
    boxes = np.array([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, -0.1, 1, 0.9], [0, 10, 1, 11], [0, 10.1, 1, 11.1], [0, 100, 1, 101]], np.float32)
    scores = np.array([0.9, 0.75, 0.6, 0.95, 0.5, 0.3], np.float32)
    for count, overlap, limit in ((3, 0.5, 0.0), (6, 0.5, 0.4), (10, 0.3, 0.0)):
        common = [X((6, 4), data=boxes), X((6,), data=scores), K(np.array(count, np.int32)), K(np.array(overlap, np.float32)), K(np.array(limit, np.float32))]
        yield single("NON_MAX_SUPPRESSION_V4", "float32", f"{count} overlap {overlap} limit {limit}", common, [Y("int32"), Y("int32")])
        for sigma in (0.0, 0.5):
            yield single("NON_MAX_SUPPRESSION_V5", "float32", f"{count} overlap {overlap} limit {limit} sigma {sigma}", common + [K(np.array(sigma, np.float32))],
                         [Y("int32"), Y(), Y("int32")])


def cases():
    yield from volumes()
    yield from densify()
    yield from detection()
    yield from rare()
