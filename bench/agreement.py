"""How far an engine's answers are from the judge's: the reference kernels of LiteRT (or of TensorFlow Lite Micro).

Engines round integers differently, and on noise the difference grows from layer to layer (XNNPACK's is up to 22 steps
of 256 on MobileNetV2). So the largest difference is told, and whether this is still the same network is decided by
the typical one: the root mean square of the error over the standard deviation of what is expected; two unrelated
answers have about 1.4.
"""
import numpy as np

FAR = {True: 0.35, False: 0.1}  # of integer models, of float models (weights may be integers there, too)
FAR_INDICES = 0.1  # share of indices (classes, positions) that differ
SURE = 0.5  # score of a detection
DETECTIONS = 4  # outputs of a detector: boxes, classes, scores, count


def is_detector(outputs):
    return len(outputs) == DETECTIONS and outputs[0].ndim == 3 and outputs[0].shape[-1] == 4


def sure_rows(expected, found):
    """A detector's outputs cut to the rows that the judge is sure of; the others come in any order."""
    if not is_detector(expected) or not is_detector(found):
        return expected, found
    count = int((np.ravel(expected[2]) >= SURE).sum())
    return tuple([array[:, :count] for array in outputs[:3]] for outputs in (expected, found))


def equal_tops(expected, found):
    """The share of rows whose largest value is at the same place; None where rows have one value."""
    if not expected.ndim or expected.shape[-1] < 2:
        return None
    tops = [array.reshape(-1, array.shape[-1]).argmax(1) for array in (expected, found)]
    return float((tops[0] == tops[1]).mean())


def compare_output(expected, found, integer):
    """One output over all sets: {"relative", "steps", "typical", "far"}."""
    if [a.shape for a in expected] != [b.shape for b in found]:
        return {"relative": None, "typical": None, "far": True}
    a, b = (np.concatenate([np.ravel(x) for x in arrays]).astype(np.float64) for arrays in (expected, found))
    if not a.size:
        return {"relative": 0.0, "typical": 0.0, "far": False}
    error = np.abs(a - b)
    result = {
        "relative": float(error.max() / (np.ptp(a) or abs(a).max() or 1.0)),
        "typical": float(np.sqrt((error**2).mean()) / (a.std() or abs(a).max() or 1.0)),
    }
    kind = expected[0].dtype
    if kind.kind in "iu" and kind.itemsize < 4:
        result["steps"] = int(error.max())
    indices = kind.kind in "iub" and kind.itemsize >= 4
    result["far"] = bool((error > 0).mean() > FAR_INDICES if indices else not result["typical"] <= FAR[integer])
    return result


def agreement(expected_sets, found_sets, integer):
    """The worst over all outputs; "far" where the engine cannot be said to run the same network."""
    counts = {len(outputs) for outputs in [*expected_sets, *found_sets]}
    if len(counts) != 1:
        return {"far": True, "note": f"{len(found_sets[0])} outputs, expected {len(expected_sets[0])}"}
    pairs = [sure_rows(expected, found) for expected, found in zip(expected_sets, found_sets)]
    expected, found = ([list(output) for output in zip(*sets)] for sets in zip(*pairs))
    parts = [compare_output(want, have, integer) for want, have in zip(expected, found)]
    worst = lambda field: max((part[field] for part in parts if part.get(field) is not None), default=None)
    tops = [] if parts[0]["far"] else [equal_tops(a, b) for a, b in zip(expected[0], found[0])]
    tops = [top for top in tops if top is not None]
    return {
        "far": any(part["far"] for part in parts),
        "max_relative": worst("relative"),
        "typical": worst("typical"),
        "max_steps": worst("steps"),
        "top1": float(np.mean(tops)) if tops else None,
    }
