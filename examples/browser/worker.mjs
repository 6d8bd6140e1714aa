// The model, in a thread of its own: loads it, looks at pictures. Requests are answered one after the other.
import { parseLabels } from '../shared/labels.mjs';
import { interpret } from '../shared/outputs.mjs';
import { fromRgba } from '../shared/pixels.mjs';
import { feed, middle, preparation } from '../shared/prepare.mjs';
import { findInZip } from '../shared/zip.mjs';

const kPackage = new URL('../../bindings/js/dist/', import.meta.url).href;
const kWarm = 50; // ms of runs that are not counted, since browsers compile what they reach bit by bit
const kCoarse = 5; // ms; browsers round their clock, so shorter runs are repeated until so many have gone by

let model;
let how; // to prepare a picture for it
let isWarm = false; // whether it has run

/** The package, which may not have been built. */
async function engine() {
  try {
    return (await import(`${kPackage}browser.js`)).Tulle;
  } catch (cause) {
    throw Object.assign(new Error(`${kPackage} is missing`, { cause }), { code: 'NOT_BUILT' });
  }
}

async function bytesOf(source) {
  if (typeof source !== 'string') return new Uint8Array(await source.arrayBuffer());
  const response = await fetch(source).catch((cause) => { throw new Error(`${source}: ${cause.message}`, { cause }); });
  if (!response.ok) throw new Error(`${source}: HTTP status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The labels that the model brings: in its metadata, or in a file appended to its own. */
async function labelsOf(bytes) {
  const file = how.labelsFile && (await findInZip(bytes, how.labelsFile));
  return file ? parseLabels(new TextDecoder().decode(file)) : how.labels;
}

/** Loads a model from a URL or a file; the one before stays where that fails. */
async function load({ source, name, build }) {
  const Tulle = await engine();
  const bytes = await bytesOf(source);
  let next;
  try {
    next = await Tulle.load(bytes, { build });
    how = preparation(next);
  } catch ({ code, message }) {
    next?.dispose();
    const isMissing = code === 'NOT_FOUND' && message.includes(kPackage);
    throw Object.assign(new Error(`${name}: ${message}`), { code: isMissing ? 'NOT_BUILT' : code });
  }
  model?.dispose();
  model = next;
  isWarm = false;
  return { build: model.build, inputs: model.inputs, memory: model.memory.wasm, labels: await labelsOf(bytes) };
}

/** Runs the model until some ms have gone by, once at least; its outputs, and the ms of a run. */
function runFor(least, inputs) {
  const start = performance.now();
  let runs = 0;
  let outputs;
  let took;
  do {
    outputs = model.runSync(inputs);
    took = performance.now() - start;
    ++runs;
  } while (took < least);
  return { outputs, ms: took / runs };
}

/** What the model says of RGBA pixels, the time of a run in ms, and which part of the picture it was fed. */
function look(pixels) {
  const picture = fromRgba(pixels);
  const inputs = { [model.inputs[0]?.name]: feed(picture, model.inputs, how) };
  if (!isWarm) runFor(kWarm, inputs);
  isWarm = true;
  const { outputs, ms } = runFor(kCoarse, inputs);
  const infos = model.outputs;
  const found = interpret(infos.map(({ name }) => outputs[name]), infos);
  return { ...found, ms, part: middle(picture, how), memory: model.memory.wasm };
}

const kActs = { load, look };
let last = Promise.resolve();

self.onmessage = ({ data: { id, act, request } }) => {
  last = last.then(async () => {
    try {
      self.postMessage({ id, value: await kActs[act](request) });
    } catch ({ code, message }) {
      self.postMessage({ id, error: { code, message } });
    }
  });
};
