// Names of classes.

const kMaxClasses = 1_000_000;
const kNumbered = /^(\d{1,6})[ \t:][ \t:]*(.*)$/;

/**
 * The names in a label file: one a line from class 0, or lines of number and name.
 * @param {string} text
 * @returns {string[]}
 */
export function parseLabels(text) {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > kMaxClasses) throw new Error(`over ${kMaxClasses} labels`);
  const pairs = lines.map((line) => kNumbered.exec(line));
  if (!pairs.every((pair) => pair)) return lines;
  const names = [];
  for (const [, index, name] of pairs) names[Number(index)] = name;
  return Array.from(names, (name) => name ?? '');
}

/** The name of a class, or its number where it has none. */
export const labelOf = (labels, index) => labels[index] || String(index);
