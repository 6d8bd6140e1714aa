#!/usr/bin/env python3
"""Compares `tulle run` with its oracle on every shared model, live, and says so as a Markdown table.

    compare.py [--tulle FILE] [--write docs/exactness.md] [MODEL…]

Oracle: LiteRT 2.3.0's reference kernels, TensorFlow Lite Micro where LiteRT cannot run the model; each run in a child process
with a time limit. Inputs: the model's real pictures (or sentence), three times noise, a batch of two where the model allows it.

Integer outputs must be equal. A float output that is only the dequantised form of an integer one must be equal or one float
apart ("1 ulp"). Other float outputs may be apart by 1e-4 of the largest spread or magnitude expected. Of detections, the rows
that the model says it found are compared; the others are undefined. A model that the oracle refuses, Tulle must refuse too.

Exits 1 where anything differs, a fact about a picture is not seen, or Tulle ends by a signal. Without the shared models
(TULLE_SHARED, default ../shared beside the repository) it says so and exits 0.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np

import inputs

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ORACLE_SECONDS, TULLE_SECONDS = 120, 300
TOLERANCE = 1e-4
START, END = "<!-- models -->", "<!-- /models -->"
NAMES = {"litert": "LiteRT 2.3.0 reference", "micro": "TensorFlow Lite Micro"}


class Wrong(Exception):
    """One comparison that cannot be made or went wrong: the text for the table."""


def child(command, seconds, who):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    except subprocess.TimeoutExpired:
        raise Wrong(f"{who} ran longer than {seconds} s") from None
    if done.returncode < 0:
        raise Wrong(f"{who} ended by signal {-done.returncode}")
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()
        if not words:
            raise Wrong(f"{who} exited {done.returncode} without a word")
        raise Wrong(f"{who} refused: " + re.sub(r"\S*/", "", words[-1]).removeprefix("tulle: ").replace("|", "/")[:200])


def oracle_child(*arguments):
    return child([sys.executable, str(HERE / "ask_oracle.py"), *map(str, arguments)], ORACLE_SECONDS, "the oracle")


def ask_oracle(oracle, model, arrays, folder):
    np.savez(folder / "in.npz", **{f"i{i}": a for i, a in enumerate(arrays)})
    oracle_child(oracle, "run", model, folder / "in.npz", folder / "out.npz")
    with np.load(folder / "out.npz") as found:
        return [found[f"o{i}"] for i in range(len(found.files))]


def ask_tulle(tulle, model, arrays, folder):
    command = [str(tulle), "run", str(model), "--no-cache"]
    for position, array in enumerate(arrays):
        file = folder / f"in{position}.npy"
        np.save(file, array)
        command += ["--input", f"{position}={file}"]
    child(command + ["-o", str(folder / "out")], TULLE_SECONDS, "tulle")
    listed = json.loads((folder / "out" / "outputs.json").read_text(encoding="utf-8"))
    return [(entry, np.load(folder / "out" / entry["file"])) for entry in listed]


def producers(model):
    """What makes each output of the main graph: the operator's name, and whether it reads integers."""
    from ai_edge_litert import schema_py_generated as schema
    builtin = {number: name for name, number in vars(schema.BuiltinOperator).items() if isinstance(number, int)}
    made = schema.ModelT.InitFromPackedBuf(model.read_bytes(), 0)
    graph = made.subgraphs[0]
    codes = [c.customCode.decode() if c.customCode else builtin[max(c.builtinCode, c.deprecatedBuiltinCode)] for c in made.operatorCodes]
    integer = lambda index: graph.tensors[index].type in (schema.TensorType.INT8, schema.TensorType.UINT8, schema.TensorType.INT16)
    whole = all(graph.tensors[i].type != schema.TensorType.FLOAT32 or codes[op.opcodeIndex] == "DEQUANTIZE"
                for op in graph.operators for i in op.outputs)
    result = {}
    for op in graph.operators:
        for index in op.outputs:
            result[int(index)] = (codes[op.opcodeIndex], whole and codes[op.opcodeIndex] == "DEQUANTIZE" and integer(op.inputs[0]))
    return [result.get(int(index), ("", False)) for index in graph.outputs]


def apart(expected, found, dequantised):
    """(difference as text, whether it is allowed)."""
    if expected.shape != found.shape:
        return f"shape {list(found.shape)}, expected {list(expected.shape)}", False
    if expected.dtype != found.dtype:
        return f"{found.dtype}, expected {expected.dtype}", False
    if expected.dtype.kind in "iub":
        steps = int(np.abs(expected.astype(np.int64) - found.astype(np.int64)).max(initial=0))
        return f"{steps}" + (f" ({int((expected != found).sum())} of {expected.size})" if steps else ""), steps == 0
    a, b = expected.astype(np.float64), found.astype(np.float64)
    if not np.array_equal(np.isfinite(a), np.isfinite(b)):
        return "finite against not", False
    error = float(np.abs(a - b).max(initial=0, where=np.isfinite(a)))
    if error == 0:
        return "0", True
    if dequantised:
        near = bool((np.abs(a - b) <= np.spacing(np.abs(expected)).astype(np.float64)).all())
        return f"{error:.1e} (1 ulp allowed)", near
    scale = max(float(a.max() - a.min()), float(np.abs(a).max())) or 1.0
    return f"{error:.1e} ({error / scale:.1e} of the range)", error <= TOLERANCE * scale


def compare_run(model, name, label, arrays, oracle, tulle, made_by, shared, folder):
    """Table rows of one run: (input, output, oracle, difference, fine)."""
    expected = ask_oracle(oracle, model, arrays, folder)
    found = ask_tulle(tulle, model, arrays, folder)
    if len(expected) != len(found):
        raise Wrong(f"{len(found)} outputs, expected {len(expected)}")
    detected = None
    if made_by and made_by[0][0] == "TFLite_Detection_PostProcess":
        detected = int(np.reshape(expected[3], -1)[0])
    for index, (want, (entry, have)) in enumerate(zip(expected, found)):
        if detected is not None and index < 3 and want.shape == have.shape:
            want, have = want[:, :detected], have[:, :detected]
        difference, fine = apart(want, have, made_by[index][1] if index < len(made_by) else False)
        yield label, entry["name"] or str(index), NAMES[oracle], difference, fine
    for claim, seen in inputs.facts(name, label, [array for _, array in found], shared):
        yield label, claim, "the picture", "" if seen else "not so", bool(seen)


def refused_run(model, name, tulle, folder):
    """A model that loads and cannot run: the oracle and Tulle must both say so and end by themselves."""
    messages = []
    path = folder / "details.json"
    oracle_child("litert", "describe", model, path)
    arrays = [inputs.noise(d, 1) for d in json.loads(path.read_text(encoding="utf-8"))["inputs"]]
    for who, ask in (("the oracle", lambda: ask_oracle("litert", model, arrays, folder)), ("tulle", lambda: ask_tulle(tulle, model, arrays, folder))):
        try:
            ask()
            return [("random 1", "(refusal)", NAMES["litert"], f"{who} runs it", False)]
        except Wrong as wrong:
            messages.append(str(wrong))
    return [("random 1", "(refusal)", NAMES["litert"], messages[1], "refused" in messages[1])]


def compare_model(model, tulle, shared):
    name = model.stem
    with tempfile.TemporaryDirectory() as text:
        folder = pathlib.Path(text)
        if name in inputs.REFUSED:
            return refused_run(model, name, tulle, folder)
        oracle = "micro" if name in inputs.MICRO else "litert"
        oracle_child(oracle, "describe", model, folder / "details.json")
        details = json.loads((folder / "details.json").read_text(encoding="utf-8"))
        made_by, rows = producers(model), []
        for number, (label, arrays) in enumerate(inputs.inputs_of(name, details["inputs"], shared)):
            place = folder / str(number)
            place.mkdir()
            try:
                rows += compare_run(model, name, label, arrays, oracle, tulle, made_by, shared, place)
            except Wrong as wrong:
                rows.append((label, "", NAMES[oracle], str(wrong), False))
        return rows


def write_between(path, text):
    """Puts the table between its markers, at the end of the page where they are missing."""
    page = path.read_text(encoding="utf-8") if path.exists() else "# Exactness\n"
    if START not in page:
        page = page.rstrip("\n") + f"\n\n## Models against their oracles\n\n{START}\n{END}\n"
    before, rest = page.split(START, 1)
    path.write_text(before + START + "\n" + text + END + rest.split(END, 1)[1], encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help="names of models without .tflite; all where none is given")
    parser.add_argument("--tulle", type=pathlib.Path, default=ROOT / "build" / "tulle")
    parser.add_argument("--write", type=pathlib.Path, help="page to put the table into")
    arguments = parser.parse_args()
    shared = pathlib.Path(os.environ.get("TULLE_SHARED", ROOT.parent / "shared"))
    if not (shared / "models").is_dir():
        print(f"SKIPPED: no shared models at {shared} (set TULLE_SHARED)")
        return 0
    if not arguments.tulle.exists():
        sys.exit(f"{arguments.tulle} is missing: build first")
    chosen = [m for m in sorted((shared / "models").glob("*.tflite")) if not arguments.models or m.stem in arguments.models]
    missing = set(arguments.models) - {m.stem for m in chosen}
    if missing or not chosen:
        sys.exit(f"no such model: {', '.join(sorted(missing)) or shared / 'models'}")
    table, failures = ["| model | input | output | oracle | max difference | equal |", "|---|---|---|---|---|---|"], 0
    print("\n".join(table), flush=True)
    for model in chosen:
        try:
            rows = compare_model(model, arguments.tulle, shared)
        except Wrong as wrong:
            rows = [("", "", "", str(wrong), False)]
        for label, output, oracle, difference, fine in rows:
            failures += not fine
            table.append(f"| {model.stem} | {label} | {output} | {oracle} | {difference} | {'yes' if fine else '**no**'} |")
            print(table[-1], flush=True)
    print(f"\n{len(table) - 2 - failures} of {len(table) - 2} equal, {len(chosen)} models")
    if arguments.write and not arguments.models:
        write_between(arguments.write, "\n".join(table) + "\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
