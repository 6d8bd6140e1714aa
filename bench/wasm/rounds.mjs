// Rounds: every contestant in turn, in an order that changes, so that a drifting clock favours nobody.

export function median(values) {
  const ordered = [...values].sort((a, b) => a - b), half = ordered.length >> 1;
  return ordered.length % 2 ? ordered[half] : (ordered[half - 1] + ordered[half]) / 2;
}

export function quantile(values, share) {
  const ordered = [...values].sort((a, b) => a - b);
  return ordered[Math.round(share * (ordered.length - 1))];
}

// Each comes first, second, … equally often; every second round goes backwards.
export function orders(names, rounds) {
  return Array.from({length: rounds}, (_, round) => {
    const start = (round >> 1) % Math.max(names.length, 1), order = [...names.slice(start), ...names.slice(0, start)];
    return round % 2 ? order.reverse() : order;
  });
}

// contestants: {name: contestant}. {turns: {name: [turn]}, out: {name: Error}} of those that ended on the way.
export async function play(contestants, rounds, seconds) {
  const turns = {}, out = {};
  for (const order of orders(Object.keys(contestants), rounds)) {
    for (const name of order) {
      if (name in out) continue;
      try {
        (turns[name] ??= []).push(await contestants[name].turn(seconds));
      } catch (error) {
        out[name] = error;
        delete turns[name];
      }
    }
  }
  return {turns, out};
}

// Milliseconds: the median over rounds of each round's median, and where the middle four fifths of rounds lie.
export function summary(turns) {
  const medians = turns.map(turn => turn.median);
  return {
    median_ms: median(medians),
    p10_ms: quantile(medians, 0.1),
    p90_ms: quantile(medians, 0.9),
    least_ms: Math.min(...turns.map(turn => turn.least)),
    rounds: turns.length,
    runs: turns.reduce((sum, turn) => sum + turn.runs, 0),
  };
}

// How other's time over own lies over rounds.
export function paired(other, own) {
  const ratios = own.map((turn, round) => other[round].median / turn.median);
  return {median: median(ratios), p10: quantile(ratios, 0.1), p90: quantile(ratios, 0.9)};
}
