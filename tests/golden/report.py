"""Keeps INDEX.md (what the vectors hold, what was dropped and why) and the table of kernels that answer differently."""
import collections
import re

Difference = collections.namedtuple("Difference", "oracle verdict apart")

INDEX_HEAD = """# Golden vectors

Written by `make_golden.py` (its first lines describe the file format and the comparison rules); do not edit.
`ref` is LiteRT 2.3.0's reference resolver, `opt` its optimised one, taken where the reference has no kernel, refuses or is
known to be wrong. A dropped case has no vector: the oracle refuses it, crashes on it, or answers differently from process
to process.

No case is written where no kernel of LiteRT gives an answer worth matching: CONV_2D and TRANSPOSE_CONV of int16 with a 32-bit
bias that quantized_bias_type does not announce (read as 64-bit numbers); hybrid DEPTHWISE_CONV_2D per tensor and hybrid
BATCH_MATMUL of rank 4 or with a broadcast right side (reads past the scales); uint8 DIV of a dividend near its zero point;
int16 REDUCE_PROD beyond its range; float numbers beyond 32 bits into QUANTIZE and beyond the target type into CAST (undefined);
WHILE whose body hands its inputs back in another order (one of them is lost); ATAN2 of unequal shapes (reads past the smaller);
rows past the count of a detection. The vectors of CONV_2D, FULLY_CONNECTED, DIV, MUL and the other quantised arithmetic were
checked against the same operator on reals; what strays further than two steps there (SCATTER_ND fills raw 0; FLOOR_DIV, FLOOR_MOD
and NEG work on bare integers; int16 EXP, RSQRT, SOFTMAX, GELU and RESIZE_BILINEAR are coarse) is the reference's own way.
"""
EXACTNESS_HEAD = """<!-- written by tests/golden/make_golden.py; do not edit -->
LiteRT 2.3.0, optimised kernels (no delegate) against reference kernels, over the golden cases. Steps: largest difference
between integers; error: largest float difference over the output's scale.

| operator | type | cases | equal | steps | error | other kernel fails |
|---|---|---|---|---|---|---|
"""


class Record:
    """What became of the cases of one operator."""

    def __init__(self, op):
        self.op, self.dropped, self.kinds = op, [], {}

    def add(self, case, vector, dropped, note):
        if dropped:
            self.dropped.append((f"{case.kind} {case.details}", plain(dropped)))
            return
        kind = self.kinds.setdefault(case.kind, {"cases": 0, "oracles": set(), "modes": set(), "notes": []})
        kind["cases"] += 1
        kind["oracles"].add(vector[0]["oracle"].rsplit("-")[-1])
        kind["modes"].add(" ".join(str(v) for v in vector[0]["compare"].values()))
        kind["notes"].append(note)

    def section(self):
        total = sum(k["cases"] for k in self.kinds.values())
        lines = [f"## {self.op}", "", f"{total} cases", "", "| type | cases | oracle | compared |", "|---|---|---|---|"]
        for name, kind in self.kinds.items():
            lines.append(f"| {name} | {kind['cases']} | {', '.join(sorted(kind['oracles']))} | {', '.join(sorted(kind['modes']))} |")
        if self.dropped:
            lines += ["", f"{len(self.dropped)} dropped:", ""]
            for reason in dict.fromkeys(r for _, r in self.dropped):
                lines.append(f"* {reason}: " + "; ".join(n for n, r in self.dropped if r == reason))
        return "\n".join(lines) + "\n"

    def rows(self):
        for name, kind in self.kinds.items():
            notes = [n for n in kind["notes"] if n.verdict == "ok"]
            equal = sum(n.apart == (0, 0.0) for n in notes)
            steps = max((n.apart[0] for n in notes), default=0)
            error = max((n.apart[1] for n in notes), default=0.0)
            fails = collections.Counter(f"{'opt' if n.oracle.endswith('ref') else 'ref'} {n.verdict}"
                                        for n in kind["notes"] if n.verdict != "ok")
            yield (f"| {self.op} | {name} | {kind['cases']} | {equal} | {steps} | {error:.1e} | "
                   f"{', '.join(f'{k} {v}' for k, v in sorted(fails.items()))} |")


def plain(reason):
    """A refusal without its line breaks, source line and node number."""
    reason = re.sub(r"Node number \d+ \([^)]*\) failed to (\w+)\.?", r" (\1)", " ".join(reason.split()))
    return re.sub(r"tflite/kernels/([\w/]+\.\w+):\d+", r"\1", reason)[:200]


def write(index, exactness, records, keep):
    """Replaces the parts of these operators; with keep, the parts of other operators stay."""
    sections, rows = {}, collections.defaultdict(list)
    if keep and index.exists():
        for part in re.split(r"^(?=## )", index.read_text(), flags=re.M)[1:]:
            sections[part.split("\n", 1)[0][3:]] = part.rstrip("\n") + "\n"
    if keep and exactness.exists():
        for line in exactness.read_text().splitlines():
            cells = line.split(" | ")
            if line.startswith("| ") and not line.startswith("| operator"):
                rows[cells[0][2:]].append(line)
    for op, record in records.items():
        sections[op], rows[op] = record.section(), list(record.rows())
    index.write_text(INDEX_HEAD + "\n" + "\n".join(sections[op] for op in sorted(sections)))
    exactness.parent.mkdir(exist_ok=True)
    exactness.write_text(EXACTNESS_HEAD + "".join(line + "\n" for op in sorted(rows) for line in rows[op]))
