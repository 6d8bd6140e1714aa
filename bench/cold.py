"""File to first answer and the memory it adds, each figure in a fresh process, engines in turn."""
import json
import pathlib
import statistics
import subprocess
import sys

from contestant import ended, few_words
from rounds import orders, quantile

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 300


def once(name, model, inputs):
    """{"ms", "peak_kb"} or {"error"}."""
    command = [sys.executable, str(HERE / "first_answer.py"), name, str(model), str(inputs)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=HERE)
    except subprocess.TimeoutExpired:
        return {"error": f"no answer within {SECONDS} s"}
    if done.returncode or not done.stdout.strip():
        return {"error": ended(done.returncode)}
    return json.loads(done.stdout)


def first_answers(files, inputs, repetitions):
    """files: {engine: model file}. {engine: medians and spread, or {"error"}}."""
    found = {name: [] for name in files}
    for order in orders(list(files), repetitions):
        for name in order:
            if found[name] and "error" in found[name][-1]:
                continue
            files[name].read_bytes()  # into the system's cache
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
