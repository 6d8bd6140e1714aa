"""Holds the figures against the bars of bench/table.toml: met (true), missed (false), no figure (null)."""
import math

from cold import PACKED


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def best_peer(contestants):
    """The fastest of the other engines that ran, however far off its answers; None without one."""
    times = {
        name: found["median_ms"] for name, found in contestants.items() if name != "tulle" and "median_ms" in found
    }
    return min(times, key=times.get) if times else None


def judge_speed(row, contestants):
    """The ratio of one model at one number of threads and whether its bar is met."""
    own, best = contestants.get("tulle", {}), best_peer(contestants)
    if best is None:
        return {"best_peer": None, "ratio": None, "bar": row.get("least"), "met": None}
    ratio = contestants[best]["median_ms"] / own["median_ms"] if "median_ms" in own else None
    met = ratio is not None and ratio >= row.get("least", 0) and not own["far"]
    return {"best_peer": best, "ratio": ratio, "bar": row.get("least"), "met": met if "least" in row else None}


def judge_most(figures, field, peer, most, own="tulle"):
    """Tulle's figure over the peer's, where smaller is better."""
    own, other = (figures.get(name, {}).get(field) for name in (own, peer))
    share = own / other if own is not None and other else None
    return {"peer": peer, "share": share, "bar": most, "met": None if share is None else share <= most}


def mean_of(rows, least):
    """The geometric mean over the models that a peer runs; one that Tulle does not run counts as missing."""
    contested = [row["ratio"] for row in rows if row["best_peer"]]
    ratios = [ratio for ratio in contested if ratio]
    mean, missing = geometric_mean(ratios), len(contested) - len(ratios)
    return {
        "ratio": mean,
        "models": len(ratios),
        "missing": missing,
        "bar": least,
        "met": None if mean is None else mean >= least and not missing,
    }


def verdict(table, models, library):
    """Everything that is not a row of its own: means, first answers, memory, library size."""
    means = {}
    for threads in sorted({t for found in models.values() for t in found["threads"]}):
        means[threads] = mean_of(
            [found["threads"][threads] for found in models.values()], table["geometric_mean"]["least"]
        )
    first, memory = table["first_answer"], table["memory"]
    packed_most = first["packed_most"]
    cold = {name: found["first_answer"] for name, found in models.items() if found.get("first_answer")}
    size = sum(library["tulle"].values())
    return {
        "geometric_mean": means,
        "first_answer": {
            name: judge_most(cold[name], "median_ms", first["peer"], first["most"])
            for name in first["models"]
            if name in cold
        },
        "packed_answer": {
            name: judge_most(cold[name], "median_ms", first["peer"], packed_most, PACKED)
            for name in first["models"]
            if name in cold
        },
        "memory": {name: judge_most(found, "peak_mb", memory["peer"], memory["most"]) for name, found in cold.items()},
        "library": {
            "bytes": size,
            "bar": table["library"]["most_bytes"],
            "met": size <= table["library"]["most_bytes"],
        },
    }
