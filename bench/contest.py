"""One model: all engines side by side, at each number of threads, and what they answer first in fresh processes."""
import contextlib

import agreement
import bars
import cold
import judge
from contestant import Refusal
from engines import NAMES, engine
from models.make import model_file
from rounds import enter, paired_ratio, play, summary
from sets import read_sets, write_sets


def files_for(row, models):
    """{engine: file} of the engines that have one, {engine: why not} of the others."""
    files, reasons = {}, {}
    onnx = models / f"{row['name']}.onnx"
    for name in NAMES:
        if engine(name).FILE == "tflite":
            files[name] = model_file(row, models)
        elif onnx.exists():
            files[name] = onnx
        else:
            reasons[name] = "no ONNX export"
    return files, reasons


def compare(contestant, expected, work, integer):
    """The contestant's entry of the results so far: how its answers agree."""
    target = work / "outputs.npz"
    contestant.ask(do="outputs", to=str(target))
    if expected is None:
        return {"agreement": None, "far": False}
    found = agreement.agreement(expected, read_sets(target), integer)
    return {"agreement": found, "far": found["far"]}


def start(files, threads, expected, integer, work, stack):
    """The contestants that have loaded and answered, and the entries of all: agreement, or why not."""
    entries, contestants = {}, []
    with open(work / "engines.log", "ab") as log:
        for name, file in files.items():
            try:
                contestant = enter(name, file, threads, work / "inputs.npz", log)
                stack.callback(contestant.close)
                entries[name] = compare(contestant, expected, work, integer)
                contestants.append(contestant)
            except Refusal as why:
                entries[name] = {"error": str(why)}
    return contestants, entries


def contest(row, files, threads, expected, work, arguments):
    """All engines at one number of threads: {engine: times and agreement, or {"error"}}."""
    with contextlib.ExitStack() as stack:
        contestants, entries = start(files, threads, expected, row["kind"] in ("int8", "uint8"), work, stack)
        out = play(contestants, arguments.rounds, arguments.seconds)
    turns = {c.name: c.turns for c in contestants if c.name not in out}
    entries |= {name: {"error": why} for name, why in out.items()}
    for name, own in turns.items():
        entries[name] |= summary(own)
        if name != "tulle" and "tulle" in turns:
            entries[name]["paired_ratio"] = paired_ratio(own, turns["tulle"])
    return entries


def measure(row, models, work, arguments):
    """Everything about one model."""
    file = model_file(row, models)
    sets = judge.input_sets(file)
    expected = judge.expected_sets(file, sets, models.parent / "answers")
    write_sets(work / "inputs.npz", sets)
    files, reasons = files_for(row, models)
    refused = {name: {"error": why} for name, why in reasons.items()}
    found = {
        "kind": row["kind"],
        "from": row["from"],
        "file": file.name,
        "bytes": file.stat().st_size,
        "judged": expected is not None,
        "threads": {},
    }
    for threads in arguments.threads.split(","):
        entries = refused | contest(row, files, threads, expected, work, arguments)
        found["threads"][threads] = {"engines": entries, **bars.judge_speed(row, entries)}
    if arguments.cold:
        found["first_answer"] = cold.first_answers(files, work / "inputs.npz", arguments.cold)
    return found
