// What the model says, in words and bars.
import { labelOf } from '../shared/labels.mjs';
import { colour, css } from './stage.mjs';

const byId = (id) => document.getElementById(id);
const percent = (share) => `${(share * 100).toFixed(1)} %`;
const kLeast = { row: 0.0005, label: 0.01 }; // classes of less than this share of a picture are left out
const kGround = [128, 128, 128]; // the colour of what is nothing
const kLong = 16; // letters of a label that is set smaller
const kMany = 6; // rows that are set closer

/** Detectors count classes from the one after the background, label files often from the background. */
export const ofDetector = (labels) => (['???', 'background'].includes(labels[0]) ? labels.slice(1) : labels);

/** Names with how often each comes. */
function counted(names) {
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Array.from(counts, ([name, count]) => (count > 1 ? `${count} × ${name}` : name)).join(', ');
}

/** Each class's share of the picture, the largest first. */
function shares({ map: { cells }, part }, { width, height }) {
  const counts = new Map();
  for (const index of cells) counts.set(index, (counts.get(index) ?? 0) + 1);
  const all = (part.width * part.height) / (width * height) / cells.length;
  return [...counts].sort((a, b) => b[1] - a[1]).map(([index, count]) => ({ index, score: count * all })).filter(({ score }) => score >= kLeast.row);
}

/** For each kind of answer, its label and the rows {name, score, colour?} below it. */
const kKinds = {
  classes({ top }, labels) {
    const rows = top.map(({ index, score }) => ({ name: labelOf(labels, index), score }));
    return { label: rows[0].name, rows };
  },
  boxes({ boxes }, labels) {
    const rows = boxes.map(({ index, score }) => ({ name: labelOf(labels, index), score, colour: colour(index) }));
    return { label: counted(rows.map(({ name }) => name)) || 'nothing found', rows };
  },
  pose({ points }) {
    const sure = points.filter((point) => point.sure).length;
    return { label: `${sure} of ${points.length} key points`, rows: points.map(({ name, score }) => ({ name, score })) };
  },
  map(found, labels, size) {
    const all = shares(found, size);
    const rows = all.map(({ index, score }) => ({ name: labelOf(labels, index), score, colour: index === 0 ? kGround : colour(index) }));
    const things = rows.filter(({ score }, i) => all[i].index !== 0 && score >= kLeast.label).map(({ name }) => name);
    return { label: things.join(', ') || labelOf(labels, 0), rows };
  },
};

function row({ name, score, colour: own }) {
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const fill = make('i', {});
  fill.style.width = `${Math.min(Math.max(score || 0, 0), 1) * 100}%`;
  if (own) fill.style.setProperty('--colour', css(own));
  const bar = make('span', { className: 'bar', ariaHidden: 'true' }, fill);
  const item = make('li', {}, make('span', { title: name }, name), make('span', { className: 'amount' }, percent(score)), bar);
  item.dataset.score = score;
  return item;
}

/** What was found in a picture of this size. */
export function showFound(found, labels, size) {
  const { label, rows } = kKinds[found.kind](found, labels, size);
  if (byId('label').textContent !== label) byId('label').textContent = label; // announced once
  byId('label').classList.toggle('long', label.length > kLong);
  byId('results').classList.toggle('many', rows.length > kMany);
  byId('results').replaceChildren(...rows.map(row));
  byId('picture').ariaLabel = `Picture: ${label}`;
  showMemory(found.memory);
}

/** The time of an inference, in ms. */
export function showTime(ms) {
  byId('time').textContent = `${ms.toFixed(ms < 1 ? 2 : ms < 10 ? 1 : 0)} ms`;
}

function showMemory(bytes) {
  byId('memory').textContent = `${(bytes / 1e6).toFixed(1)} MB`;
}

export function showModel({ name, build, inputs, memory }) {
  byId('model').replaceChildren(...name.split(/(?<=[_.-])/).flatMap((part) => [part, document.createElement('wbr')]));
  byId('build').textContent = build;
  byId('input').textContent = inputs.map(({ shape, dtype }) => `${shape.join(' × ')} ${dtype}`).join(', ');
  showMemory(memory);
}

/** Nothing found, and nothing wrong. */
export function clear() {
  for (const id of ['label', 'results', 'time', 'error']) byId(id).replaceChildren();
}

/** Says what is wrong; a package that has not been built is told at the top, with what to do. */
export function showError(error) {
  if (error.code !== 'NOT_BUILT') {
    byId('error').textContent = error.message;
    return;
  }
  byId('error').textContent = 'the package is not built';
  byId('notice').hidden = false;
  byId('notice').innerHTML = 'The package is not built, or the server\'s root is not the checkout\'s. In the checkout: <code>make wasm</code>, ' +
    'then <code>(cd bindings/js &amp;&amp; npm ci &amp;&amp; npm run build)</code>, then reload.';
}
