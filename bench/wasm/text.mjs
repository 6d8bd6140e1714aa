// The results for a terminal.
import {ENGINES, HOSTS} from './table.mjs';

const MARKS = {true: 'met', false: 'MISSED', null: 'no figure'};
const SIGNS = {
  speed: 'times as fast as the best peer',
  native: 'of native speed',
  start: "of LiteRT.js's process",
  size: 'bytes gzip -9',
};

const number = value => (value >= 1000 ? String(value) : value.toFixed(2));

function cell(entry) {
  if (!entry) return '-';
  if (entry.error) return 'refused';
  return `${entry.median_ms.toFixed(2)}${entry.far ? ' ≠' : ''}`;
}

function aligned(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)));
  return rows.map(row => row.map((text, column) => text.padEnd(widths[column])).join('  ').trimEnd());
}

// Why engines have no figures or are far off, each reason once with the models that it holds for.
export function reasons(results) {
  const models = {}, all = Object.values(results.models);
  for (const {title, hosts} of all) {
    for (const [host, {engines, first_answer = {}}] of Object.entries(hosts)) {
      for (const [name, {error, far}] of [...Object.entries(engines), ...Object.entries(first_answer)]) {
        if (!error && !far) continue;
        const why = `${HOSTS[host]}, ${ENGINES[name].title}: ${error ?? 'answers far off'}`;
        (models[why] ??= new Set()).add(title);
      }
    }
  }
  const which = titles => (titles.size < all.length ? [...titles].join(', ') : 'every model');
  return Object.entries(models).map(([why, titles]) => `${which(titles)}, ${why}`);
}

export function lines(results) {
  const names = Object.keys(results.titles);
  const rows = [['model', 'host', ...names.map(name => ENGINES[name].title)]];
  for (const {title, hosts} of Object.values(results.models)) {
    for (const [host, {engines}] of Object.entries(hosts)) {
      rows.push([title, HOSTS[host], ...names.map(name => cell(engines[name]))]);
    }
  }
  const bars = results.verdict.map(bar => {
    const title = results.models[bar.model]?.title ?? bar.model;
    const what = bar.file ?? (bar.host ? `${title}, ${HOSTS[bar.host]}` : `wasm-build of ${title}`);
    const asked = 'least' in bar ? `≥ ${bar.least}` : `≤ ${bar.most}`;
    return [what, bar.figure === null ? '-' : number(bar.figure), SIGNS[bar.kind], asked, MARKS[bar.met]];
  });
  return [...aligned(rows), '', ...aligned(bars), '', ...reasons(results)];
}
