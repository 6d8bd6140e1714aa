"""What a golden case is, and how its answer will be judged."""
import zlib

import numpy as np

from builder import Graph, N, NUMPY, model_bytes

# Operators whose float result is a copy, a choice or one correctly rounded operation: their floats must match bit for bit.
EXACT_FLOAT = set("""RESHAPE CONCATENATION PAD PADV2 GATHER GATHER_ND PACK UNPACK SPLIT SPLIT_V SLICE STRIDED_SLICE SQUEEZE
EXPAND_DIMS TRANSPOSE RELU RELU6 RELU_N1_TO_1 RELU_0_TO_1 MAX_POOL_2D RESIZE_NEAREST_NEIGHBOR CAST MIRROR_PAD SELECT
SELECT_V2 SHAPE REDUCE_MAX REDUCE_MIN REDUCE_ANY REDUCE_ALL MINIMUM MAXIMUM EQUAL NOT_EQUAL LESS LESS_EQUAL GREATER
GREATER_EQUAL ONE_HOT TILE BROADCAST_TO FILL SPACE_TO_DEPTH DEPTH_TO_SPACE BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND TOPK_V2
SCATTER_ND ABS NEG FLOOR CEIL ROUND SIGN ZEROS_LIKE RANK EMBEDDING_LOOKUP REVERSE_V2 WHERE DYNAMIC_UPDATE_SLICE UNIQUE
REVERSE_SEQUENCE IMAG REAL ARG_MAX ARG_MIN ADD SUB MUL DIV SQUARE SQRT SQUARED_DIFFERENCE FLOOR_DIV DEQUANTIZE
VAR_HANDLE READ_VARIABLE ASSIGN_VARIABLE CALL_ONCE MATRIX_DIAG MATRIX_SET_DIAG SPARSE_TO_DENSE BITCAST DILATE""".split())
FLOAT_TOLERANCE = 1e-5
# Where real activations meet integer weights, the next layer rounds them to codes again: a wrong last bit here is a wrong
# code there.
EXACT_HYBRID = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "BATCH_MATMUL"}


class Case:
    """One model, one or more runs on one session.

    runs: how many runs; an input is random, or its `data` in every run, or its `each[i]` in run i.
    oracle: "ref", or "opt" where the reference is known to be wrong or absent.
    compare: None for the rule of the operator, or the JSON object that the vector shall carry.
    """

    def __init__(self, op, kind, details, graphs, runs=1, oracle="ref", compare=None):
        self.op, self.kind, self.details = op, kind, details
        self.graphs = graphs if isinstance(graphs, list) else [graphs]
        self.runs, self.oracle, self.compare = runs, oracle, compare
        self.name = " ".join(filter(None, [op.lower().replace("custom:", ""), kind, details]))

    def rng(self, purpose):
        return np.random.default_rng(zlib.crc32(f"{purpose} {self.name}".encode()))

    def inputs(self):
        rng, runs = self.rng("inputs"), []
        for number in range(self.runs):
            run = []
            for value in self.graphs[0].inputs:
                data = value.data if value.each is None else value.each[number]
                run.append(value.sample(rng) if data is None else np.asarray(data, NUMPY[value.dtype]))
            runs.append(run)
        return runs

    def declared_inputs(self):
        """Inputs of the shapes the model declares, for asking the result shapes; None where no input is resized."""
        if all(v.run_shape is None for v in self.graphs[0].inputs):
            return None
        rng, run = self.rng("declared"), []
        for value in self.graphs[0].inputs:
            keep, value.run_shape = value.run_shape, None
            data = value.data if value.each is None else value.each[0]
            run.append(value.sample(rng) if data is None or keep is not None else np.asarray(data, NUMPY[value.dtype]))
            value.run_shape = keep
        return [run]

    def model(self):
        return model_bytes(self.graphs, self.rng("constants"))


def single(op, kind, details, inputs, outputs, runs=1, oracle="ref", compare=None, **attributes):
    """A case of one node; `outputs` is one value or a list."""
    outputs = outputs if isinstance(outputs, list) else [outputs]
    return Case(op, kind, details, Graph([N(op, inputs, outputs, **attributes)],
                                         inputs=[v for v in dict.fromkeys(inputs) if v and v.kind == "input"],
                                         outputs=outputs), runs, oracle, compare)


def rule(case, oracle, outputs):
    """How the vector's answer is judged: integers exactly (one step where the optimised kernels are the oracle)."""
    if case.compare is not None:
        return case.compare
    exact = case.op in EXACT_FLOAT or case.op in EXACT_HYBRID and case.kind.startswith("hybrid")
    if any(array.dtype.kind in "fc" for run in outputs for array in run):
        return {"mode": "exact"} if exact else {"mode": "relative", "tolerance": FLOAT_TOLERANCE}
    if oracle.endswith("opt") and case.op not in EXACT_FLOAT - {"ADD", "SUB", "MUL", "DIV", "SQUARED_DIFFERENCE", "SQRT"}:
        return {"mode": "steps", "max": 1}
    return {"mode": "exact"}
