#!/usr/bin/env python3
"""Writes the golden vectors: what LiteRT 2.3.0's reference kernels answer to small models of one operator or a few.

    make_golden.py                all operators (minutes); vectors without cases are removed
    make_golden.py CONV_2D ADD    these operators only; the rest of INDEX.md stays as it is
    make_golden.py --check …      writes nothing, exits 1 where a committed file would change

Needs requirements.txt. Same script, same bytes.

File: gzip of the ASCII magic TULGOLD1, u32le case count, then per case u32le JSON length, JSON (UTF-8) and blobs back to
back: the model, then per run all input bytes and all output bytes, in the order of the JSON. All runs of a case go
through one session in sequence; an input whose shape differs from the model's is resized first.

JSON: {"name", "model_bytes", "oracle", "compare", "runs": [{"inputs": [{"name", "dtype", "shape", "bytes"}], "outputs":
[…]}]}. compare is one of
    {"mode": "exact"}                      equal bytes; float NaN equals any NaN
    {"mode": "relative", "tolerance": t}   float outputs: |error| <= t * scale, scale = max(largest - smallest, largest
                                           magnitude) of the finite expected values of that output, 1 where that is 0;
                                           NaN where NaN is expected, the same infinity where an infinity is; integer
                                           outputs of the same case: equal
    {"mode": "steps", "max": n}            integer outputs differ by at most n
A shape is compared exactly in every mode.
"""
import collections
import gzip
import importlib
import json
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import oracle  # noqa: E402
import report  # noqa: E402
from case import rule  # noqa: E402


def shape_results(case):
    """Gives every result of the main graph the shape the oracle finds; a shape known only at run time becomes 1s and -1s."""
    main = case.graphs[0]
    if all(v.shape is not None for v in main.values):
        return
    model = case.model()
    for runs in filter(None, [case.declared_inputs(), case.inputs()[:1]]):
        for resolver in (oracle.REF, oracle.OPT):
            verdict, shapes = oracle.ask(model, runs, resolver, 0x5A, oracle.shapes)
            if verdict == "ok":
                for value, (before, after) in zip(main.values, shapes):
                    if value.shape is None and before == after:
                        value.shape = after
                    elif value.shape is None:
                        value.shape, value.signature = [1] * len(after), [-1] * len(after)
                return


def judge(case):
    """(vector, None, note) or (None, reason, None); vector = (json object, blobs)."""
    shape_results(case)
    model, runs, note = case.model(), case.inputs(), None
    name = {"ref": oracle.REF, "opt": oracle.OPT}[case.oracle]
    verdict, found = oracle.settled(model, runs, name)
    if verdict == "refused" and name == oracle.REF:
        reason, name = found, oracle.OPT
        verdict, found = oracle.settled(model, runs, name)
        if verdict != "ok":
            return None, f"refused: {reason}" + (f"; opt {verdict}: {found}" if report.plain(found) != report.plain(reason) else ""), None
    if verdict != "ok":
        return None, f"{verdict}: {found}", None
    other = oracle.OPT if name == oracle.REF else oracle.REF
    other_verdict, other_found = oracle.ask(model, runs, other, 0x5A)
    note = report.Difference(name, other_verdict, oracle.difference(found, other_found) if other_verdict == "ok" else None)
    blobs, described = [model], []
    for given, answered in zip(runs, found):
        described.append({"inputs": describe(case.graphs[0].inputs, given), "outputs": describe(case.graphs[0].outputs, answered)})
        blobs += [a.tobytes() for a in given + answered]
    return ({"name": case.name, "model_bytes": len(model), "oracle": name, "compare": rule(case, name, found),
             "runs": described}, blobs), None, note


def describe(values, arrays):
    return [{"name": v.name or f"{v.kind}_{i}", "dtype": v.dtype, "shape": list(a.shape), "bytes": a.nbytes}
            for i, (v, a) in enumerate(zip(values, arrays))]


def packed(vectors):
    parts = [b"TULGOLD1", struct.pack("<I", len(vectors))]
    for described, blobs in vectors:
        text = json.dumps(described, separators=(",", ":"), ensure_ascii=False).encode()
        parts += [struct.pack("<I", len(text)), text, *blobs]
    return gzip.compress(b"".join(parts), compresslevel=9, mtime=0)


def path_of(op):
    return HERE / f"{op.lower().replace('custom:', '')}.golden.gz"


def all_cases():
    by_op = collections.defaultdict(list)
    for path in sorted((HERE / "cases").glob("[a-z]*.py")):
        for case in importlib.import_module(f"cases.{path.stem}").cases():
            by_op[case.op].append(case)
    return by_op


def main(arguments):
    check = "--check" in arguments
    wanted = [a for a in arguments if not a.startswith("-")]
    by_op, stale = all_cases(), []
    unknown = set(wanted) - set(by_op)
    if unknown:
        sys.exit(f"no cases for {', '.join(sorted(unknown))}")
    records = {}
    for op in sorted(wanted or by_op):
        names = [c.name for c in by_op[op]]
        twice = [n for n, count in collections.Counter(names).items() if count > 1]
        if twice:
            sys.exit(f"{op}: case names used twice: {twice[:5]}")
        vectors, record = [], report.Record(op)
        for case in by_op[op]:
            vector, dropped, note = judge(case)
            record.add(case, vector, dropped, note)
            if vector:
                vectors.append(vector)
        path, data = path_of(op), packed(vectors) if vectors else b""
        if check and vectors and (not path.exists() or path.read_bytes() != data):
            stale.append(path.name)
        if vectors and not check:
            path.write_bytes(data)
        records[op] = record
        print(f"{op}: {len(vectors)} cases, {len(record.dropped)} dropped, {len(data)} bytes", flush=True)
    if not wanted:
        known = {path_of(op).name for op, record in records.items() if record.kinds}
        for path in sorted(HERE.glob("*.golden.gz")):
            if path.name not in known:
                stale.append(path.name)
                if not check:
                    path.unlink()
    if check:
        sys.exit(f"would change: {', '.join(stale)}" if stale else 0)
    report.write(HERE / "INDEX.md", HERE.parents[1] / "docs" / "exactness-ops.md", records, keep=bool(wanted))


if __name__ == "__main__":
    main(sys.argv[1:])
