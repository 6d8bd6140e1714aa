#!/usr/bin/env python3
"""Draws a results file of run.py as docs/bench.md and its charts.

    page.py [--results FILE] [--output DIR]

Without --results the newest file of bench/results is drawn.
"""
import argparse
import json
import pathlib

import charts
import page_tables as tables
from engines import TITLES

HERE = pathlib.Path(__file__).resolve().parent
CHARTS = "pictures"
INTRODUCTION = """# Speed

*Made by `make bench-page` from `{file}`{partial}; not edited by hand.*

Tulle {tulle} (commit {commit}) against {peers} on {cpu}, {cores} cores, {date}. Each engine runs each model in a
process of its own and is stopped while another is measured; {rounds} rounds alternate between them and the median of
the rounds' medians counts. Ratios are the best peer's time over Tulle's: **above 1, Tulle is faster**. A peer counts as
best even where its answers are far from the reference (≠). Rows marked 🔴 miss their bar; bars are in
`bench/table.toml`.
"""


def newest():
    files = sorted(
        (HERE / "results").glob("[0-9]*.json"),
        key=lambda file: (json.loads(file.read_text(encoding="utf-8"))["date"], file.stat().st_mtime),
    )
    return files[-1] if files else None


def speed_chart(results, threads):
    rows = [
        (
            name,
            row["ratio"],
            row["bar"],
            row["met"],
            TITLES[row["best_peer"]] if row["best_peer"] else "no peer runs it",
        )
        for name, found in results["models"].items()
        for row in [found["threads"][threads]]
    ]
    return charts.chart(
        f"Speed, {tables.threads_text(threads)}",
        "best peer's time over Tulle's: to the right of 1 Tulle is faster; tick: bar",
        rows,
    )


def memory_chart(results):
    rows = [
        (name, found["share"], found["bar"], found["met"], "") for name, found in results["verdict"]["memory"].items()
    ]
    return charts.chart(
        "Memory",
        "peak that loading and the first run add, Tulle's over LiteRT's: to the left of the tick is within the bar",
        rows,
    )


def introduction(results, file):
    machine = results["machine"]
    return INTRODUCTION.format(
        file=file.name,
        partial="" if results["complete"] else " (a part of the models or settings only)",
        tulle=results["versions"]["tulle"],
        commit=results["commit"],
        cpu=machine["cpu"],
        cores=machine["cores"],
        peers=", ".join(
            f"{TITLES[name]} {version}" for name, version in results["versions"].items() if name != "tulle"
        ),
        date=results["date"],
        rounds=results["rounds"],
    )


def draw(results, file, folder):
    """Writes the charts and the page."""
    pictures = folder / CHARTS
    pictures.mkdir(parents=True, exist_ok=True)
    numbers = sorted({threads for found in results["models"].values() for threads in found["threads"]})
    parts = [introduction(results, file), "## In short\n", tables.verdict(results)]
    for threads in numbers:
        (pictures / f"bench-{threads}.svg").write_text(speed_chart(results, threads), encoding="utf-8")
        parts += [
            f"## Speed, {tables.threads_text(threads)}\n",
            f"![Ratios with {tables.threads_text(threads)}]({CHARTS}/bench-{threads}.svg)\n",
            "Milliseconds: median ± half of what lies between the 10th and the 90th percentile of rounds.\n",
            tables.speed(results, threads),
        ]
    if results["verdict"]["memory"]:
        (pictures / "bench-memory.svg").write_text(memory_chart(results), encoding="utf-8")
        parts += [
            "## File to first answer, and memory\n",
            "In a fresh process that has the library loaded, one thread: load, prepare, first run. Packed: Tulle with weights "
            "packed into a file beforehand.\n",
            tables.first_answers(results),
            f"![Memory against LiteRT]({CHARTS}/bench-memory.svg)\n",
        ]
    parts += [
        "## Answers\n",
        tables.ANSWERS,
        tables.agreement(results, numbers[0]),
        "## What does not run, or answers far off\n",
        tables.refusals(results),
        "## Machine\n",
        tables.machine(results),
        tables.roofline(results),
        tables.libraries(results),
    ]
    (folder / "bench.md").write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=pathlib.Path, default=newest())
    parser.add_argument("--output", type=pathlib.Path, default=HERE.parent / "docs")
    arguments = parser.parse_args()
    if arguments.results is None:
        raise SystemExit("no results yet: make bench")
    draw(json.loads(arguments.results.read_text(encoding="utf-8")), arguments.results, arguments.output)


if __name__ == "__main__":
    main()
