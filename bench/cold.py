"""File to first answer and the memory it adds, each figure in a fresh process, engines in turn."""
import json
import pathlib
import statistics
import subprocess
import sys

from contestant import ended, few_words
from engines import engine
from rounds import orders, quantile

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 300
PACKED = "tulle_packed"  # Tulle with weights packed beforehand


def once(name, files, inputs):
    """{"ms", "peak_kb"} or {"error"}. files: of the model and, for PACKED, its packed weights."""
    model, *pack = map(str, files)
    runs = "tulle" if name == PACKED else name
    command = [sys.executable, str(HERE / "first_answer.py"), runs, model, str(inputs), *pack]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=HERE)
    except subprocess.TimeoutExpired:
        return {"error": f"no answer within {SECONDS} s"}
    if done.returncode or not done.stdout.strip():
        return {"error": ended(done.returncode)}
    return json.loads(done.stdout)


def first_answers(files, inputs, repetitions):
    """files: {engine: model file}. {engine or PACKED: medians and spread, or {"error"}}."""
    files = {name: [file] for name, file in files.items()}
    found = {}
    if "tulle" in files:
        pack = inputs.with_suffix(".pack")
        try:
            engine("tulle").write_pack(files["tulle"][0], pack)
            files[PACKED] = [files["tulle"][0], pack]
        except RuntimeError as error:
            found[PACKED] = [{"error": str(error)}]
    found |= {name: [] for name in files}
    for order in orders(list(files), repetitions):
        for name in order:
            if found[name] and "error" in found[name][-1]:
                continue
            for file in files[name]:
                file.read_bytes()  # into the system's cache
            found[name].append(once(name, files[name], inputs))
    return {name: summary(results) for name, results in found.items() if results}


def summary(results):
    if "error" in results[-1]:
        return {"error": few_words(results[-1]["error"])}
    times, peaks = [result["ms"] for result in results], [result["peak_kb"] / 1024 for result in results]
    return {
        "median_ms": statistics.median(times),
        "p10_ms": quantile(times, 0.1),
        "p90_ms": quantile(times, 0.9),
        "peak_mb": statistics.median(peaks),
        "repetitions": len(results),
    }
