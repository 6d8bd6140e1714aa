#!/usr/bin/env python3
"""Draws a results file of run.mjs as docs/bench-wasm.md and its charts.

    page.py [--results FILE] [--output DIR]

Without --results the newest wasm file of bench/results is drawn. Words, marks and charts are those of the native page.
"""
import argparse
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
BENCH = HERE.parent
sys.path.insert(0, str(BENCH))
import charts  # noqa: E402  pylint: disable=wrong-import-position
import page_tables as tables  # noqa: E402  pylint: disable=wrong-import-position
from text_table import cell, ratio_text, time_text  # noqa: E402  pylint: disable=wrong-import-position

CHARTS = "pictures"
OWN = ("tulle_relaxed", "tulle_simd128")
MARKS = {"library": "engine loaded", "model": "model ready", "first": "first answer", "whole": "process ended"}
FIELDS = {"chromium": "first_ms", "node": "whole_ms"}  # of a first answer, what is told
INTRODUCTION = """# Speed of WebAssembly

*Made by `make bench-wasm-page` from `{file}`{partial}; not edited by hand.*

Tulle {tulle} (commit {commit}), the package `tulle`, against {peers}
in {hosts} on {cpu}, {cores} cores, {date}.
Each engine has a process or a browser of its own, which does nothing while another is measured; {rounds} rounds alternate
between them. Times are medians of the rounds' medians; ratios are the best peer's time over Tulle's, round by round, and
their median: **above 1, Tulle is faster**. A run is what the engine's own interface does from inputs that it holds to an
answer in JavaScript. Rows marked 🔴 miss their bar; bars are in `bench/wasm/table.mjs`.
"""
FIRST = """Milliseconds in Node are a fresh process from its start to its end, with one answer; in Chromium from the call of
a page in a browser with an empty profile to the answer, files coming from the same machine. Megabytes are the process's
peak in Node, and the engine's own memory in Chromium.
"""
ANSWERS = """Largest difference from the plain loops of Tulle, whose integer answers are the reference's bits: in steps of the
last bit for integer outputs, else as a share of the range; then how often the largest value is at the same place. Inputs
are a picture and noise; of MoveNet it is the places of the key points in a picture. tfjs-backend-wasm reads no `.tflite`
files: it runs a MobileNetV2 of its own layers with random weights, which nothing can be compared with.
"""
NOTES = """* Each engine gets the same input bytes. LiteRT.js takes float32, int32 and uint8 tensors alone, so a model whose
  inputs are int8 it refuses; tfjs-tflite is given bytes as int32, for TensorFlow.js has no type for them.
* tfjs-tflite asks for its page's location, so it is not run in Node. LiteRT.js is given the globals of a worker there.
"""
NATIVE = """The native command keeps to the set `sse4`, whose vectors have 128 bits as WebAssembly's. It gets a process a turn,
of which loading is not counted.
"""


def newest():
    files = sorted(
        (BENCH / "results").glob("wasm-*.json"),
        key=lambda file: (json.loads(file.read_text(encoding="utf-8"))["date"], file.stat().st_mtime),
    )
    return files[-1] if files else None


def contests(results, host):
    """(title, what was found) of each model in a host."""
    return [(model["title"], model["hosts"][host]) for model in results["models"].values() if host in model["hosts"]]


def titles(results, names):
    return [results["titles"][name] for name in names]


def names_in(results, host):
    """The engines that have times there, but for native code."""
    everything = [found["engines"] for _, found in contests(results, host)]
    ran = lambda name: any("median_ms" in entries.get(name, {}) for entries in everything)
    return [name for name in results["titles"] if name != "native" and ran(name)]


def ratio(found, own):
    """How much longer the best peer takes; None without one."""
    over = found["engines"].get(own, {}).get("over", {})
    return over.get(found["best_peer"], {}).get("median")


def bar_of(results, kind, title, host, own):
    """The bar of one of our builds with a model in a host and what is said of it, if there is one."""
    for bar in results["verdict"]:
        model = results["models"].get(bar.get("model"), {})
        if (bar["kind"], model.get("title"), bar.get("host"), bar.get("own")) == (kind, title, host, own):
            return bar
    return {}


def what_text(results, bar):
    title = results["models"].get(bar.get("model"), {}).get("title", bar.get("model"))
    if bar["kind"] == "size":
        return f"{bar.get('file', f'wasm-build of {title} without weights')}, gzip -9"
    own, host = bar["own"].removeprefix("tulle_"), results["hosts"][bar["host"]]
    build = "" if own == "usual" else f", {own}"
    return {
        "speed": f"{title}, {host}{build}: best peer's time over Tulle's",
        "native": f"{title}, native time over {host}'s{build}, vectors of 128 bits",
        "start": f"{title}, {host}'s process with one answer{build}, of LiteRT.js's",
    }[bar["kind"]]


def figure_text(bar, value):
    return f"{value / 1000:.0f} kB" if bar["kind"] == "size" and value is not None else ratio_text(value)


def verdict(results):
    rows = []
    for bar in results["verdict"]:
        sign = "≥" if "least" in bar else "≤"
        rows.append(
            [
                what_text(results, bar),
                figure_text(bar, bar["figure"]),
                f"{sign} {figure_text(bar, bar.get('least', bar.get('most')))}",
                f"{sign} {figure_text(bar, bar['aim'])}",
                tables.MARKS[bar["met"]],
            ]
        )
    return tables.table(["", "figure", "bar", "aim", ""], rows)


def speed(results, host):
    names, rows = names_in(results, host), []
    for title, found in contests(results, host):
        entries = found["engines"]
        times = {name: entries[name]["median_ms"] for name in names if "median_ms" in entries.get(name, {})}
        best = min(times, key=times.get, default=None)
        cells = [f"**{cell(entries[name])}**" if name == best else cell(entries.get(name)) for name in names]
        missed = any(bar_of(results, "speed", title, host, own).get("met") is False for own in OWN)
        title = f"{tables.MARKS[False]} {title}" if missed else title
        rows.append([title, *cells, ratio_text(ratio(found, found["usual"]))])
    return tables.table(["model", *titles(results, names), "ratio"], rows)


def speed_chart(results, host):
    rows = []
    for title, found in contests(results, host):
        peer = found["best_peer"]
        for own in (name for name in OWN if "over" in found["engines"].get(name, {})):
            bar = bar_of(results, "speed", title, host, own)
            label, note = f"{title}, {own.removeprefix('tulle_')}", results["titles"].get(peer, "no peer runs it")
            rows.append((label, ratio(found, own), bar.get("least"), bar.get("met"), note))
    return charts.chart(
        f"WebAssembly in {results['hosts'][host]}, 1 thread",
        "best peer's time over Tulle's: to the right of 1 Tulle is faster; tick: bar",
        rows,
    )


def native(results):
    """Against native code of the same width, where that was run."""
    rows = []
    for title, found in contests(results, "node"):
        own, other = (found["engines"].get(name, {}) for name in ("tulle_simd128", "native"))
        if "over" in own and "median_ms" in other:
            missed = bar_of(results, "native", title, "node", "tulle_simd128").get("met") is False
            title = f"{tables.MARKS[False]} {title}" if missed else title
            rows.append([title, cell(own), cell(other), ratio_text(own["over"]["native"]["median"])])
    if not rows:
        return []
    head = ["model", *titles(results, ("tulle_simd128", "native")), "native time over WebAssembly's"]
    return ["## Against native code\n", NATIVE, tables.table(head, rows)]


def first_chart(results):
    rows = []
    for host, field in FIELDS.items():
        for title, found in contests(results, host):
            first = found.get("first_answer", {})
            ours, theirs = (first.get(name, {}).get(field) for name in (found["usual"], "litert"))
            if ours and theirs:
                bar = bar_of(results, "start", title, host, found["usual"])
                rows.append((f"{title}, {results['hosts'][host]}", ours / theirs, bar.get("most"), bar.get("met"), ""))
    return charts.chart(
        "File to first answer", "Tulle's time over LiteRT.js's: to the left of 1 Tulle is faster; tick: bar", rows
    )


def first_cell(entry, host):
    if not entry or FIELDS[host] not in entry:
        return "–"
    megabytes = entry["peak_mb"] if host == "node" else entry["wasm_bytes"] / 2**20
    return f"{time_text(entry[FIELDS[host]])} / {megabytes:.1f}"


def first_answers(results, host):
    names = names_in(results, host)
    rows = [
        [title, *(first_cell(found["first_answer"].get(name), host) for name in names)]
        for title, found in contests(results, host)
        if found.get("first_answer")
    ]
    return tables.table([f"{results['hosts'][host]}, ms / MB", *titles(results, names)], rows)


def marks(results):
    """When the parts of a first answer were done, after the process or the page began."""
    rows = []
    for host, host_title in results["hosts"].items():
        for title, found in contests(results, host):
            for name, entry in found.get("first_answer", {}).items():
                if "first_ms" in entry:
                    times = [entry.get(f"{mark}_ms") for mark in MARKS]
                    cells = [time_text(value) if value else "–" for value in times]
                    rows.append([f"{host_title}, {title}", results["titles"][name], *cells])
    return tables.table(["ms", "engine", *MARKS.values()], rows)


def downloads(results):
    """Of the first model for which an engine has a figure: the files are the same for all."""
    sizes = {}
    for _, found in contests(results, "chromium"):
        for name, entry in found.get("first_answer", {}).items():
            if "download" in entry:
                sizes.setdefault(name, [entry["download"][kind] for kind in ("wasm", "scripts")])
    rows = [
        [title, *(f"{size / 1000:.0f}" for size in (*sizes[name], sum(sizes[name])))]
        for name, title in results["titles"].items()
        if name in sizes
    ]
    return tables.table(["kB, gzip -9", "module", "scripts", "together"], rows)


def memory_cell(entry):
    size = (entry or {}).get("wasm_bytes")
    return f"{size / 2**20:.1f}" if size else "–"


def memory(results, host):
    names = names_in(results, host)
    rows = [
        [title, *(memory_cell(found["engines"].get(name)) for name in names)]
        for title, found in contests(results, host)
    ]
    return tables.table([f"{results['hosts'][host]}, MB of WebAssembly", *titles(results, names)], rows)


def answers(results, host):
    names = [name for name in names_in(results, host) if name != "tfjs_wasm"]
    rows = [
        [title, *(tables.agreement_cell(found["engines"].get(name)) for name in names)]
        for title, found in contests(results, host)
    ]
    return tables.table([results["hosts"][host], *titles(results, names)], rows)


def refusals(results):
    return "".join(f"* {line}\n" for line in results["reasons"]) or "Everything runs everywhere.\n"


def threads(results):
    rows = [[results["titles"][name], text] for name, text in results["threads"].items()]
    return tables.table(["one thread by", ""], rows)


def introduction(results, file):
    versions, described = results["versions"], results["machine"]
    peers = [f"{title} {versions[name]}" for name, title in results["titles"].items() if name in versions]
    hosts = [f"Node {versions['node'].lstrip('v')}"] if "node" in results["hosts"] else []
    if "chromium" in versions:
        hosts.insert(0, versions["chromium"].split(" built")[0])
    return INTRODUCTION.format(
        file=file.name,
        partial="" if results["complete"] else " (a part of the models or settings only)",
        tulle=versions["tulle"].split()[-1],
        commit=results["commit"],
        peers=", ".join(peers) or "nobody",
        hosts=" and ".join(hosts),
        cpu=described["cpu"],
        cores=described["cores"],
        date=results["date"],
        rounds=results["rounds"],
    )


def speed_part(results, host, pictures):
    (pictures / f"bench-wasm-{host}.svg").write_text(speed_chart(results, host), encoding="utf-8")
    title = results["hosts"][host]
    return [
        f"## Speed in {title}\n",
        f"![Ratios in {title}]({CHARTS}/bench-wasm-{host}.svg)\n",
        "Milliseconds: median ± half of what lies between the 10th and the 90th percentile of rounds. The ratio is of "
        "the build that\nthe package takes there by itself.\n",
        speed(results, host),
    ]


def first_part(results, hosts, pictures):
    (pictures / "bench-wasm-first.svg").write_text(first_chart(results), encoding="utf-8")
    return [
        "## File to first answer, and memory\n",
        FIRST,
        *(first_answers(results, host) for host in hosts),
        f"![File to first answer]({CHARTS}/bench-wasm-first.svg)\n",
        "Tulle's module is compiled with its first model, so that its engine is its scripts alone.\n",
        marks(results),
        *(memory(results, host) for host in hosts[:1]),
    ]


def draw(results, file, folder):
    """Writes the charts and the page."""
    pictures = folder / CHARTS
    pictures.mkdir(parents=True, exist_ok=True)
    hosts = [host for host in results["hosts"] if contests(results, host)]
    parts = [introduction(results, file), "## In short\n", verdict(results)]
    for host in hosts:
        parts += speed_part(results, host, pictures)
    parts += native(results)
    cold = [host for host in hosts if any(found.get("first_answer") for _, found in contests(results, host))]
    if cold:
        parts += first_part(results, cold, pictures)
    if "chromium" in cold:
        parts += ["## What a page fetches besides the model\n", downloads(results)]
    parts += ["## Answers\n", ANSWERS, *(answers(results, host) for host in hosts)]
    parts += ["## What does not run, or answers far off\n", refusals(results)]
    parts += ["## How it is measured\n", NOTES, threads(results), tables.machine(results)]
    (folder / "bench-wasm.md").write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=pathlib.Path, default=newest())
    parser.add_argument("--output", type=pathlib.Path, default=BENCH.parent / "docs")
    arguments = parser.parse_args()
    if not arguments.results:
        sys.exit("no results yet: make bench-wasm")
    draw(json.loads(arguments.results.read_text(encoding="utf-8")), arguments.results, arguments.output)
    print(f"bench-wasm.md drawn from {arguments.results.name}")


if __name__ == "__main__":
    main()
