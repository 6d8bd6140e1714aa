"""The results as a table for a terminal."""
from engines import NAMES, TITLES

MARKS = {True: "met", False: "MISSED", None: ""}


def time_text(value):
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def cell(found):
    """A median with half the spread of its rounds, or a word about why there is none; ≠: answers far off."""
    if found is None:
        return "-"
    if "median_ms" not in found:
        return "refused"
    spread = (found["p90_ms"] - found["p10_ms"]) / 2 / found["median_ms"]
    return f"{time_text(found['median_ms'])} ±{spread:.0%}" + (" ≠" if found.get("far") else "")


def ratio_text(value):
    return "-" if value is None else f"{value:.2f}"


def lines(results):
    """The lines of the table, column by column as wide as needed."""
    rows = [["model", "kind", "threads", *(TITLES[name] for name in NAMES), "ratio", "bar", ""]]
    for model, found in results["models"].items():
        for threads, row in found["threads"].items():
            cells = [cell(row["engines"].get(name)) for name in NAMES]
            bar = "" if row["bar"] is None else f"{row['bar']:.1f}"
            rows.append([model, found["kind"], threads, *cells, ratio_text(row["ratio"]), bar, MARKS[row["met"]]])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in rows]


def against(what, figure, bar, met):
    return f"{what}: {figure} (bar {bar}) {MARKS[met]}".rstrip()


def summary_lines(results):
    verdict = results["verdict"]
    for threads, mean in verdict["geometric_mean"].items():
        note = f", {mean['missing']} not run" if mean["missing"] else ""
        what = f"geometric mean, {threads} thread(s), {mean['models']} models{note}"
        yield against(what, ratio_text(mean["ratio"]), mean["bar"], mean["met"])
    for kind in ("first_answer", "packed_answer", "memory"):
        for model, found in verdict.get(kind, {}).items():
            figure = f"{ratio_text(found['share'])} of {TITLES[found['peer']]}"
            yield against(f"{kind.replace('_', ' ')}, {model}", figure, found["bar"], found["met"])
    size = verdict["library"]
    yield against("libtulle.so, stripped", f"{size['bytes']} bytes", size["bar"], size["met"])


def far_text(found):
    parts = [
        f"{found[key]:.2g} {what}"
        for key, what in (("max_relative", "of the range at most"), ("typical", "typical"), ("top1", "top-1 equal"))
        if found.get(key) is not None
    ]
    return found.get("note") or ", ".join(parts)


def reason_lines(results):
    """Why an engine has no figure, each once, and whose answers are far off."""
    seen = {}
    for model, found in results["models"].items():
        for row in found["threads"].values():
            for name, entry in row["engines"].items():
                if "error" in entry:
                    seen[f"{model}, {TITLES[name]}: {entry['error']}"] = True
                elif entry.get("far"):
                    seen[
                        f"{model}, {TITLES[name]}: answers far from the reference ({far_text(entry['agreement'])})"
                    ] = True
    return list(seen)
