#!/usr/bin/env python3
"""Measures Tulle against its peers in one run and holds the figures against the bars of bench/table.toml.

    run.py [--models a,b] [--threads 1,2] [--rounds N] [--seconds S] [--cold N] [--quick] [--output FILE]

Each engine runs each model in a process of its own; all but the one that is measured are stopped. Rounds alternate
between the engines. Answers are compared with the reference kernels first. A run of everything is written to
bench/results, any other to build/bench unless --output says where. An engine that refuses a model is a cell of the
table that says so.
"""
import argparse
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tomllib

import bars
import machine
import text_table
from contest import measure
from engines import NAMES, engine
from models.make import model_file

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
CACHE = pathlib.Path(os.environ.get("TULLE_CACHE") or "~/.cache/tulle").expanduser() / "bench"
USUAL = {"rounds": 12, "seconds": 0.2, "cold": 5}
QUICK = {"rounds": 3, "seconds": 0.05, "cold": 1}


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--models", help="names of bench/table.toml, with commas; a part of a name stands for all that hold it"
    )
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, help=f"default {USUAL['rounds']}")
    parser.add_argument(
        "--seconds", type=float, help=f"length of one engine's turn in a round, default {USUAL['seconds']}"
    )
    parser.add_argument(
        "--cold", type=int, help=f"fresh processes for each first answer, default {USUAL['cold']}; 0: none"
    )
    parser.add_argument("--quick", action="store_true", help=f"other defaults: {QUICK}")
    parser.add_argument("--tulle", type=pathlib.Path, default=ROOT / "build" / "libtulle.so")
    parser.add_argument("--output", type=pathlib.Path)
    arguments = parser.parse_args()
    for name, value in (QUICK if arguments.quick else USUAL).items():
        if getattr(arguments, name) is None:
            setattr(arguments, name, value)
    return arguments


def chosen_rows(table, names):
    """Rows of the table that are asked for and whose files exist."""
    parts = names.split(",") if names else [""]
    exact = {row["name"] for row in table["models"]} & set(parts)
    rows = [
        row
        for row in table["models"]
        if row["name"] in exact or any(part in row["name"] for part in parts if part not in exact)
    ]
    return [row for row in rows if model_file(row, CACHE / "models").exists()]


def commit():
    """The commit that the tree stands on, with a + where files differ from it."""
    git = lambda *words: subprocess.run(
        ["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False
    ).stdout.strip()
    return git("rev-parse", "--short", "HEAD") + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")


def output_file(arguments, complete, described):
    name = f"{datetime.date.today().isoformat()}-{machine.slug(described)}.json"
    return arguments.output or (HERE / "results" if complete else ROOT / "build" / "bench") / name


def command():
    """The command line without machine paths."""
    return " ".join(["bench/run.py", *(pathlib.Path(word).name if "/" in word else word for word in sys.argv[1:])])


def header(arguments, rows, table):
    """All of the results but the models."""
    complete = rows == table["models"] and arguments.threads == "1,2" and bool(arguments.cold) and not arguments.quick
    return {
        "date": datetime.date.today().isoformat(),
        "command": command(),
        "complete": complete,
        "machine": machine.describe(),
        "versions": {name: engine(name).version() for name in NAMES},
        "commit": commit(),
        "rounds": arguments.rounds,
        "seconds": arguments.seconds,
        "libraries": {name: machine.stripped_bytes(engine(name).library_files(), CACHE) for name in NAMES},
        "roofline": machine.roofline(CACHE),
        "models": {},
    }


def measure_all(results, rows, table, work, arguments, save):
    for number, row in enumerate(rows, 1):
        print(f"{number}/{len(rows)} {row['name']}", file=sys.stderr, flush=True)
        results["models"][row["name"]] = measure(row, CACHE / "models", work, arguments)
        results["verdict"] = bars.verdict(table, results["models"], results["libraries"])
        save()
    results["roofline_after"] = machine.roofline(CACHE)
    save()


def main():
    arguments = parse()
    table = tomllib.loads((HERE / "table.toml").read_text(encoding="utf-8"))
    rows = chosen_rows(table, arguments.models)
    if not rows:
        sys.exit("no such model, or its file is not there: see bench/table.toml, and make bench")
    work = CACHE / "work"
    work.mkdir(parents=True, exist_ok=True)
    (work / "engines.log").write_bytes(b"")
    shutil.copy(
        arguments.tulle.resolve(), work / "libtulle.so"
    )  # a build that goes on beside must not change what is measured
    os.environ["TULLE_LIBRARY"] = str(work / "libtulle.so")
    results = header(arguments, rows, table)
    path = output_file(arguments, results["complete"], results["machine"])
    path.parent.mkdir(parents=True, exist_ok=True)
    measure_all(
        results,
        rows,
        table,
        work,
        arguments,
        lambda: path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8"),
    )
    print(
        "\n".join(
            [*text_table.lines(results), "", *text_table.summary_lines(results), "", *text_table.reason_lines(results)]
        )
    )
    print(f"\n{path.name} written")


if __name__ == "__main__":
    main()
