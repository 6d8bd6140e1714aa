#!/usr/bin/env python3
"""Makes the models of bench/table.toml that are not there yet: Keras networks, float twins, repaired files, ONNX files.

    make.py -o DIR [MODEL…]

DIR/<name>.tflite and DIR/<name>.onnx; where a model cannot be exported, DIR/<name>.onnx.refused says why. Without the
shared models (TULLE_SHARED, default ../shared beside the repository) only the generated ones are made.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EXPORT_SECONDS = 600
DERIVED = {"twin": "dequantise.py", "repaired": "repair.py"}


def shared_models():
    return pathlib.Path(os.environ.get("TULLE_SHARED") or ROOT.parent / "shared") / "models"


def model_file(row, folder):
    """Where the .tflite file of a table row is, or will be."""
    return (shared_models() if row["from"] == "shared" else folder) / f"{row['name']}.tflite"


def child(script, *arguments, seconds=None):
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=seconds, check=False, env=environment)


def must(done):
    if done.returncode:
        sys.exit(done.stderr)


def derive(row, folder):
    """A model made from the shared one whose name comes before the last dot."""
    source, target = shared_models() / f"{row['name'].rsplit('.', 1)[0]}.tflite", model_file(row, folder)
    if source.exists() and not target.exists():
        must(child(DERIVED[row["from"]], source, target))


def export(row, folder):
    source, target = model_file(row, folder), folder / f"{row['name']}.onnx"
    refused = target.with_suffix(".onnx.refused")
    if not source.exists() or target.exists() or refused.exists():
        return
    done = child("to_onnx.py", source, target, seconds=EXPORT_SECONDS)
    if done.returncode:
        words = [line for line in done.stderr.splitlines() if line.strip()] or [f"ended with {done.returncode}"]
        refused.write_text(words[-1].strip()[:300] + "\n", encoding="utf-8")
    print(f"{target.name}: {'not exportable' if done.returncode else f'{target.stat().st_size} bytes'}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", help="names in bench/table.toml; all where none is given")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    folder = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    rows = tomllib.loads((HERE.parent / "table.toml").read_text(encoding="utf-8"))["models"]
    rows = [row for row in rows if not arguments.models or row["name"] in arguments.models]
    networks = {
        row["name"].rsplit(".", 1)[0] for row in rows if row["from"] == "keras" and not model_file(row, folder).exists()
    }
    if networks:
        must(child("generate.py", "-o", folder, *sorted(networks)))
    for row in rows:
        if row["from"] in DERIVED:
            derive(row, folder)
        export(row, folder)


if __name__ == "__main__":
    main()
