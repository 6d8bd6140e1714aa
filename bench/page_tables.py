"""The tables of docs/bench.md as Markdown."""
from cold import PACKED
from engines import NAMES, TITLES
from text_table import cell, ratio_text, reason_lines, time_text

MARKS = {True: "✓", False: "🔴", None: ""}
ANSWERS = """Largest difference from the reference kernels over three inputs: in steps of the last bit for integer
outputs, else as a share of the range; then how often the largest value is at the same place.
"""


def threads_text(threads):
    return f"{threads} thread" if threads == "1" else f"{threads} threads"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(text).replace("|", "/") for text in row) + " |\n" for row in lines)


def verdict(results):
    found, rows = results["verdict"], []
    for threads, mean in found["geometric_mean"].items():
        note = f", {mean['missing']} more not run" if mean["missing"] else ""
        rows.append(
            [
                f"geometric mean of {mean['models']} models{note}, {threads_text(threads)}",
                ratio_text(mean["ratio"]),
                f"≥ {mean['bar']}",
                MARKS[mean["met"]],
            ]
        )
    for threads in found["geometric_mean"]:
        verdicts = [model["threads"][threads]["met"] for model in results["models"].values()]
        rows.append(
            [
                f"models that reach their bar, {threads_text(threads)}",
                f"{verdicts.count(True)} of {len(verdicts) - verdicts.count(None)}",
                "all",
                MARKS[False not in verdicts],
            ]
        )
    for kind, note in (("first_answer", ""), ("packed_answer", ", weights packed before")):
        for model, first in found.get(kind, {}).items():
            rows.append(
                [
                    f"file to first answer{note}, {model}, of {TITLES[first['peer']]}'s",
                    ratio_text(first["share"]),
                    f"≤ {first['bar']}",
                    MARKS[first["met"]],
                ]
            )
    within = [share["met"] for share in found["memory"].values() if share["met"] is not None]
    if within:
        rows.append(["models within the memory bar", f"{sum(within)} of {len(within)}", "all", MARKS[all(within)]])
    size = found["library"]
    rows.append(
        ["libtulle.so, stripped", f"{size['bytes'] / 1e6:.2f} MB", f"≤ {size['bar'] / 1e6:.1f} MB", MARKS[size["met"]]]
    )
    return table(["", "figure", "bar", ""], rows)


def speed(results, threads):
    rows = []
    for name, found in results["models"].items():
        row = found["threads"][threads]
        cells = [cell(row["engines"].get(engine)) for engine in NAMES]
        times = {engine: row["engines"].get(engine, {}).get("median_ms") for engine in NAMES}
        best = min((engine for engine in NAMES if times[engine]), key=times.get, default=None)
        cells = [f"**{text}**" if engine == best else text for engine, text in zip(NAMES, cells)]
        rows.append(
            [
                f"{MARKS[row['met']]} {name}".strip() if row["met"] is False else name,
                found["kind"],
                *cells,
                ratio_text(row["ratio"]),
                row["bar"] or "",
            ]
        )
    return table(["model", "kind", *(TITLES[name] for name in NAMES), "ratio", "bar"], rows)


def cold_cell(entry):
    return (
        "–"
        if entry is None or "median_ms" not in entry
        else f"{time_text(entry['median_ms'])} / {entry['peak_mb']:.1f}"
    )


def first_answers(results):
    rows = []
    for name, found in results["models"].items():
        cold, memory = found.get("first_answer", {}), results["verdict"]["memory"].get(name, {})
        mark = MARKS[False] + " " if memory.get("met") is False else ""
        cells = [cold_cell(cold.get(engine)) for engine in (NAMES[0], PACKED, *NAMES[1:])]
        rows.append([mark + name, *cells, ratio_text(memory.get("share"))])
    titles = [TITLES[name] for name in NAMES]
    return table(["model, ms / MB", titles[0], "packed", *titles[1:], "memory of LiteRT's"], rows)


def agreement_cell(entry):
    found = (entry or {}).get("agreement")
    if not found or found.get("max_relative") is None:
        return "–" if not found else f"≠ {found.get('note', '')}".strip()
    steps = found.get("max_steps")
    first = f"{steps}" if steps is not None else f"{found['max_relative']:.1e}"
    top = f", {found['top1']:.0%}" if found.get("top1") is not None else ""
    return first + top + (" ≠" if found["far"] else "")


def agreement(results, threads):
    rows = [
        [name, *(agreement_cell(found["threads"][threads]["engines"].get(engine)) for engine in NAMES)]
        for name, found in results["models"].items()
    ]
    return table(["model", *(TITLES[name] for name in NAMES)], rows)


def refusals(results):
    return "".join(f"* {line}\n" for line in reason_lines(results)) or "Everything runs everywhere.\n"


def machine(results):
    found = results["machine"]
    rows = [
        [
            "processor",
            f"{found['cpu']}, family {found['family']} model {found['model']}{', virtual' if found['virtual'] else ''}",
        ],
        ["instruction sets", " ".join(found["flags"])],
        ["caches", ", ".join(f"{name} {size}" for name, size in found["caches"].items())],
        ["memory", f"{found['memory_gb']} GB"],
        ["kernel", f"{found['system']} {found['kernel']}"],
        ["command", f"`{results['command']}`"],
    ]
    return table(["", ""], rows)


def roofline(results):
    """Before and after the run, because clocks drift."""
    after = results.get("roofline_after", {})
    rows = []
    for name, found in results["roofline"].items():
        pair = lambda count, key=name, entry=found: (
            " / ".join(
                f"{source[key][count]:g}" for source in (results["roofline"], after) if count in source.get(key, {})
            )
            if count in entry
            else "–"
        )
        rows.append([name, found["unit"], pair("1"), pair("2")])
    return table(["at most, before / after the run", "unit", "1 thread", "2 threads"], rows)


def libraries(results):
    rows = [
        [TITLES[name], ", ".join(files), f"{sum(files.values()) / 1e6:.1f}"]
        for name, files in results["libraries"].items()
    ]
    return table(["library", "files", "MB stripped"], rows)
