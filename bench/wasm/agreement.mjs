// How far an engine's answers are from the plain loops': largest difference, typical difference, equal tops.
//
// Engines round integers differently, and on noise the difference grows from layer to layer. So the largest difference
// is told, and the typical one decides whether this is still the same network: the root mean square of the error over
// the standard deviation of what is expected; two unrelated answers have about 1.4.
const FAR = {integer: 0.35, real: 0.1};

const top = values => values.reduce((best, value, i) => (value > values[best] ? i : best), 0);

// expected, found: an array of numbers for each set of inputs. classes: whether the place of the largest value counts.
export function agreement(expected, found, {integer_model, integer_answer, classes}) {
  const want = expected.flat(), have = found.flat();
  if (expected.some((values, set) => values.length !== found[set]?.length)) {
    return {far: true, note: `${have.length} numbers, expected ${want.length}`};
  }
  const mean = want.reduce((sum, value) => sum + value, 0) / want.length;
  const spread = Math.sqrt(want.reduce((sum, value) => sum + (value - mean) ** 2, 0) / want.length);
  const errors = want.map((value, i) => Math.abs(value - have[i]));
  const largest = errors.reduce((most, error) => (error <= most ? most : error), 0);
  const typical = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length) / (spread || 1);
  const range = want.reduce((most, value) => Math.max(most, value), -Infinity) -
    want.reduce((least, value) => Math.min(least, value), Infinity);
  return {
    far: !(typical <= FAR[integer_model ? 'integer' : 'real']),
    typical,
    max_relative: largest / (range || 1),
    max_steps: integer_answer ? largest : null,
    top1: classes ? expected.filter((values, set) => top(values) === top(found[set])).length / expected.length : null,
  };
}
