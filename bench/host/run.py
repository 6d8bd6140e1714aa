#!/usr/bin/env python3
"""Measures the host of WebAssembly programs and writes bench/results/host-<date>-<cpu>.json and docs/bench-host.md.

    run.py [--rounds N] [--page]

Everything is compared within one run, in turns: guests against direct calls by build/bench/host/host_bench, Wasmtime
against V8 here. --page draws the newest file again. Needs `make build`, `make wasm` and the models of
bench/models/make.py (`make bench-host` does all of that); ../shared or TULLE_SHARED.
"""
import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BENCH, ROOT = HERE.parent, HERE.parents[1]
sys.path.insert(0, str(BENCH))
import machine  # noqa: E402  pylint: disable=wrong-import-position

RUNS = 25  # of a model, a round
INT8, FLOAT32 = "tf2_mobilenet_v2_1.0_224_ptq", "tf2_mobilenet_v2_1.0_224_ptq.float32"
SEED = "mobilenet_v2_1.4.float32"
# Figure, what it is, unit, whether more is better, bar, aim.
ROWS = (
    ("instantiate_p50_us", "an instance of a guest with wasi-nn linked, median", "µs", False, 20, 5),
    ("instantiate_p99_us", "the same, 99th of 100", "µs", False, 100, 20),
    ("wasi_nn_overhead_ratio", "MobileNetV2 int8 by wasi-nn, over the direct call in C++", "", False, 1.05, 1.02),
    ("request_ms", "an instance that decodes a picture and labels it by the host's MobileNetV2-1.4 float32", "ms", False, 15, 9),
    ("snapshot_request_ms", "the same with engine and model inside the guest, from its snapshot", "ms", False, 60, 40),
    ("idle_function_kb", "memory of one more function that waits and shares a model", "kB", False, 300, 90),
    ("contexts_8_scaling", "computes a second with eight contexts of a graph, over those with one", "", True, 1.8, 1.95),
    ("wasm_v8_ratio_float32", "MobileNetV2 float32, engine in wasm: V8's time over Wasmtime's", "", True, 0.7, 0.9),
    ("wasm_v8_ratio_int8", "MobileNetV2 int8, engine in wasm: V8's time over Wasmtime's", "", True, 0.7, 0.9),
)


def output(*command, **settings):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, **settings).stdout


def milliseconds(text):
    return statistics.median(int(line) for line in text.split()) / 1e6


def against_v8(model, rounds):
    """V8's time over Wasmtime's, of the same module; round by round, whose first is for warming up."""
    module = ROOT / "build/wasm/loop_engine.wasm"
    words = f"/models/{model.name}", RUNS
    tulle = (ROOT / "build/tulle", "wasm", "run", module, "--dir", f"{model.parent}::/models:ro", "--", *words)
    node = ("node", "--no-warnings", HERE / "wasi.mjs", module, model.parent, *words)
    found = []
    for turn in range(rounds + 1):
        times = {}
        for name, command in (("wasmtime", tulle), ("v8", node))[:: 1 if turn % 2 else -1]:
            times[name] = milliseconds(output(*command))
        found.append(times)
    return {
        "ratio": statistics.median(one["v8"] / one["wasmtime"] for one in found[1:]),
        "wasmtime_ms": statistics.median(one["wasmtime"] for one in found[1:]),
        "v8_ms": statistics.median(one["v8"] for one in found[1:]),
    }


def measure(rounds):
    shared = pathlib.Path(os.environ.get("TULLE_SHARED") or ROOT.parent / "shared")
    cache = pathlib.Path(os.environ.get("TULLE_CACHE") or pathlib.Path.home() / ".cache/tulle")
    models = cache / "bench/models"
    program = ROOT / "build/bench/host/host_bench"
    print("guests and direct calls", flush=True)
    figures = json.loads(output(program, ROOT / "build/wasm", models, shared, ROOT / "build/tulle", rounds))
    for kind, model in (("float32", models / f"{FLOAT32}.tflite"), ("int8", shared / f"models/{INT8}.tflite")):
        print(f"Wasmtime and V8, {kind}", flush=True)
        found = against_v8(model, rounds)
        figures[f"wasm_v8_ratio_{kind}"] = found.pop("ratio")
        figures |= {f"wasm_{key.replace('_ms', '')}_{kind}_ms": value for key, value in found.items()}
    here = machine.describe()
    commit = output("git", "rev-parse", "--short", "HEAD", cwd=ROOT).strip()
    changed = bool(output("git", "status", "--porcelain", "--untracked-files=no", cwd=ROOT).strip())
    return {
        "date": datetime.date.today().isoformat(),
        "commit": commit + (" with changes" if changed else ""),
        "machine": here,
        "node": output("node", "--version").strip(),
        "rounds": rounds,
        **{key: round(value, 4) for key, value in figures.items()},
    }


def page(file):
    results = json.loads(file.read_text(encoding="utf-8"))
    lines = [
        "# Speed of the host",
        "",
        f"*Made by `make bench-host` from `{file.name}`; not edited by hand.*",
        "",
        f"Commit {results['commit']}, {results['machine']['cpu']}, {results['machine']['cores']} cores, Linux "
        f"{results['machine']['kernel']}, Node {results['node']}, {results['date']}, {results['rounds']} rounds. Ratios are of "
        "turns in one run. Guests are those of `bench/host`; requests read, decode, resize and label a picture of 150 by 150 "
        "pixels in a new instance, with two threads for a compute of the host's and one inside wasm. Both engines of the "
        "last two rows run the same module, for plain 128-bit vectors.",
        "",
        "|  | figure | bar | aim |  |",
        "| --- | --- | --- | --- | --- |",
    ]
    for key, words, unit, more, bar, aim in ROWS:
        value, sign = results[key], "≥" if more else "≤"
        met = value >= bar if more else value <= bar
        number = f"{value:.3g}" if unit else f"{value:.2f}" if value < 1 or more else f"{value:.3f}"
        text = lambda x, unit=unit: f"{x:g} {unit}".strip()
        lines.append(f"| {words} | {number} {unit} | {sign} {text(bar)} | {sign} {text(aim)} | {'✓' if met else '🔴'} |")
    others = [key for key in results if key not in {row[0] for row in ROWS} and isinstance(results[key], float)]
    lines += ["", "Beside these: " + ", ".join(f"`{key}` {results[key]:.4g}" for key in others) + ".", ""]
    (ROOT / "docs/bench-host.md").write_text("\n".join(lines), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--page", action="store_true", help="draw the newest file and measure nothing")
    arguments = parser.parse_args()
    folder = BENCH / "results"
    if not arguments.page:
        results = measure(arguments.rounds)
        name = f"host-{results['date']}-{machine.slug(results['machine'])}.json"
        (folder / name).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        print(folder / name)
    files = sorted(folder.glob("host-*.json"), key=lambda file: (file.name[:15], file.stat().st_mtime))
    page(files[-1])


if __name__ == "__main__":
    main()
