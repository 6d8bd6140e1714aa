// One model: all engines side by side in each host, and what they answer first where nothing is warm.
import path from 'node:path';
import fs from 'node:fs';
import zlib from 'node:zlib';
import {agreement} from './agreement.mjs';
import {InChromium, InNode, Native, few_words, once_in_chromium, once_in_node} from './contestants.mjs';
import {WORK, place} from './places.mjs';
import {median, orders, paired, play, quantile, summary} from './rounds.mjs';
import {ENGINES} from './table.mjs';

// The names of the engines that take part with a model in a host, if they can.
export function entrants(row, host, names) {
  return names.filter(name => {
    const {only, model} = ENGINES[name];
    return (!only || only === host) && (model !== 'layers' || row.layers);
  });
}

function task_of(name, row, input, sets) {
  const {model} = ENGINES[name], [engine, build] = name.startsWith('tulle_') ? name.split('_') : [name, null];
  const address = model === 'layers' ? null : `/race/models/${row.name}.${model}`;
  if (address && !fs.existsSync(place(address))) throw new Error(`no ${model} file of this model`);
  return {engine, build, model: address, input: {dtype: input.dtype, shape: input.shape}, sets};
}

function contestant(name, host, task, about) {
  if (name === 'native') return new Native(task, about.native);
  return host === 'node' ? new InNode(task) : new InChromium(task, about.server);
}

// A network of its own weights has nothing to agree with; it must still say something.
function judged(name, found, subject) {
  if (name === 'native') return {};
  if (ENGINES[name].model === 'layers') return {agreement: null, far: !found.flat().every(Number.isFinite)};
  const counts = answers => (subject.row.pose ? answers.map(values => values.filter((_, i) => i % 3 < 2)) : answers);
  const how = agreement(counts(subject.sets.map(set => set.answer)), counts(found), {
    integer_model: /int8|uint8/.test(subject.row.title),
    integer_answer: subject.output.dtype !== 'float32',
    classes: subject.output.shape.length === 2,
  });
  return {agreement: how, far: how.far};
}

// Enters, answers, and runs once for a while, so that the engine's host has compiled what it will.
async function start(name, host, subject, about) {
  const task = task_of(name, subject.row, subject.input, subject.sets.map(set => set.address));
  const made = contestant(name, host, task, about);
  try {
    const entered = await made.enter();
    const found = {wasm_bytes: entered.wasm_bytes ?? null, ...judged(name, await made.answers?.(), subject)};
    await made.turn(about.warm);
    return {made, found};
  } catch (error) {
    await made.close();
    throw error;
  }
}

// {engine: times, agreement and memory, or {error}}
export async function contest(subject, host, names, about) {
  const found = {}, playing = {};
  try {
    for (const name of entrants(subject.row, host, names)) {
      try {
        const {made, found: entry} = await start(name, host, subject, about);
        playing[name] = made;
        found[name] = entry;
      } catch (error) {
        found[name] = {error: few_words(error)};
      }
    }
    const {turns, out} = await play(playing, about.rounds, about.seconds);
    for (const [name, error] of Object.entries(out)) found[name] = {error: few_words(error)};
    for (const [name, own] of Object.entries(turns)) {
      Object.assign(found[name], summary(own), {over: {}});
      for (const [other, theirs] of Object.entries(turns)) found[name].over[other] = paired(theirs, own);
    }
  } finally {
    for (const one of Object.values(playing)) await one.close();
  }
  return found;
}

const MARKS = ['library', 'model', 'first', 'whole'];

function cold_summary(results) {
  const found = {repetitions: results.length, wasm_bytes: results[0].wasm_bytes};
  const all = name => results.map(result => result[name]);
  for (const mark of MARKS.filter(name => name in results[0])) found[`${mark}_ms`] = median(all(mark));
  const last = all('whole' in results[0] ? 'whole' : 'first');
  Object.assign(found, {p10_ms: quantile(last, 0.1), p90_ms: quantile(last, 0.9)});
  if ('peak_kb' in results[0]) found.peak_mb = median(all('peak_kb')) / 1024;
  return found;
}

// What a browser had to fetch besides the model, as gzip -9 leaves it.
function download(fetched) {
  const found = {wasm: 0, scripts: 0, files: []};
  for (const address of new Set(fetched.filter(one => /^\/(packages|work\/tulle)\//.test(one)))) {
    const size = zlib.gzipSync(fs.readFileSync(place(address)), {level: 9}).length;
    found[address.endsWith('.wasm') ? 'wasm' : 'scripts'] += size;
    found.files.push({name: path.basename(address), gzip: size});
  }
  return found;
}

// First answers, each in a fresh process or a fresh browser: {engine: medians, or {error}}.
export async function first_answers(subject, host, names, about) {
  const results = {}, out = {}, fetched = {};
  const playing = entrants(subject.row, host, names).filter(name => name !== 'native');
  for (const order of orders(playing, about.cold)) {
    for (const name of order.filter(one => !(one in out))) {
      try {
        const task = task_of(name, subject.row, subject.input, subject.sets.slice(0, 1).map(set => set.address));
        const once = await (host === 'node' ? once_in_node(task) : once_in_chromium(task, about.server));
        (results[name] ??= []).push(once);
        if (once.fetched) fetched[name] = once.fetched;
      } catch (error) {
        out[name] = {error: few_words(error)};
      }
    }
  }
  const done = Object.entries(results).filter(([name]) => !(name in out)).map(([name, all]) => {
    const about_it = fetched[name] ? {download: download(fetched[name])} : {};
    return [name, {...cold_summary(all), ...about_it}];
  });
  return {...Object.fromEntries(done), ...out};
}
