"""Rounds: every contestant in turn, in an order that changes, so that a drifting clock favours nobody."""
import statistics

from contestant import LOAD_SECONDS, Contestant, Refusal


def quantile(values, share):
    ordered = sorted(values)
    return ordered[round(share * (len(ordered) - 1))]


def orders(names, rounds):
    """Each contestant comes first, second, … equally often; every second round goes backwards."""
    for number in range(rounds):
        start = number // 2 % len(names)
        order = names[start:] + names[:start]
        yield order[::-1] if number % 2 else order


def enter(name, model, threads, inputs, log):
    """A contestant that has loaded its model and run once; raises Refusal."""
    contestant = Contestant(name, model, threads, inputs, log)
    try:
        contestant.ask(limit=LOAD_SECONDS, do="load")
    except Refusal:
        contestant.close()
        raise
    return contestant


def play(contestants, rounds, seconds):
    """Lets all play; fills each one's turns: lists of nanoseconds. Who ends on the way is taken out: {name: why}."""
    playing, out = {c.name: c for c in contestants}, {}
    for order in orders(list(playing), rounds):
        for name in order:
            if name in out:
                continue
            try:
                playing[name].turns.append(playing[name].ask(do="turn", seconds=seconds)["nanoseconds"])
            except Refusal as why:
                out[name] = str(why)
    return out


def summary(turns):
    """Milliseconds: the median over rounds of each round's median, and where the middle four fifths of rounds lie."""
    medians = [statistics.median(turn) * 1e-6 for turn in turns]
    return {
        "median_ms": statistics.median(medians),
        "p10_ms": quantile(medians, 0.1),
        "p90_ms": quantile(medians, 0.9),
        "least_ms": min(min(turn) for turn in turns) * 1e-6,
        "rounds": len(turns),
        "runs": sum(map(len, turns)),
    }


def paired_ratio(other, own):
    """How other's median over own median spreads over rounds: [p10, p90]."""
    ratios = [statistics.median(a) / statistics.median(b) for a, b in zip(other, own)]
    return [quantile(ratios, 0.1), quantile(ratios, 0.9)]
