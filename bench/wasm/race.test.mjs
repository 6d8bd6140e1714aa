// What the race does with its figures: `node --test bench/wasm`.
import assert from 'node:assert/strict';
import test from 'node:test';
import {agreement} from './agreement.mjs';
import {verdict} from './bars.mjs';
import {few_words} from './contestants.mjs';
import {orders, paired, play, summary} from './rounds.mjs';
import {place} from './places.mjs';
import {BARS, MODELS} from './table.mjs';

test('everybody comes first and last equally often, and rounds go both ways', () => {
  const names = ['a', 'b', 'c'], rounds = orders(names, 6);
  for (const order of rounds) assert.deepEqual([...order].sort(), names);
  for (const name of names) {
    assert.equal(rounds.filter(order => order[0] === name).length, 2);
    assert.equal(rounds.filter(order => order[2] === name).length, 2);
  }
  for (const round of [0, 2, 4]) assert.deepEqual(rounds[round + 1], [...rounds[round]].reverse());
});

const turn = median => ({median, least: median / 2, runs: 3});

test('ratios are taken round by round', () => {
  // The clock is slow in the second round for both: the ratio is not.
  assert.deepEqual(paired([2, 6, 2].map(turn), [1, 3, 2].map(turn)), {median: 2, p10: 1, p90: 2});
  assert.deepEqual(summary([2, 4, 3].map(turn)), {median_ms: 3, p10_ms: 2, p90_ms: 4, least_ms: 1, rounds: 3, runs: 9});
});

test('who fails in a round is out, and the others go on', async () => {
  let count = 0;
  const good = {turn: async () => turn(1)};
  const bad = {turn: async () => (++count > 1 ? Promise.reject(new Error('gone')) : turn(1))};
  const {turns, out} = await play({good, bad}, 4, 0);
  assert.equal(turns.good.length, 4);
  assert.equal(turns.bad, undefined);
  assert.equal(out.bad.message, 'gone');
  assert.equal(count, 2);
});

const about = {integer_model: true, integer_answer: true, classes: true};

test('a rounding apart is the same network, noise is another', () => {
  const want = [[0, 3, 250, 9], [7, 1, 0, 99]];
  assert.deepEqual(agreement(want, want, about), {far: false, typical: 0, max_relative: 0, max_steps: 0, top1: 1});
  const near = agreement(want, [[1, 3, 248, 9], [7, 1, 0, 99]], about);
  assert.equal(near.far, false);
  assert.equal(near.max_steps, 2);
  assert.equal(agreement(want, [[99, 0, 1, 7], [9, 250, 3, 0]], about).far, true);
  assert.equal(agreement(want, [[0, 3, NaN, 9], [7, 1, 0, 99]], about).far, true);
  assert.equal(agreement(want, [[0, 3, 250], [7, 1, 0, 99]], about).far, true);
});

// Results in which one engine has one time in one host.
function results(host, engines, first_answer = {}) {
  const model = {title: 'x', hosts: {[host]: {engines, first_answer}}};
  const models = Object.fromEntries(MODELS.slice(0, 2).map(({name}) => [name, model]));
  const sizes = Object.fromEntries(Object.keys(models).map((name, i) => [name, i === 0 ? 2e5 : 1e5]));
  return {modules: {'tulle.wasm': 1e6, 'tulle.relaxed.wasm': 1e5, ...sizes}, models};
}
const entry = (median_ms, over = {}) =>
  ({median_ms, over: Object.fromEntries(Object.entries(over).map(([name, median]) => [name, {median}]))});
const met = (found, kind, host) =>
  found.filter(bar => bar.kind === kind && (!host || bar.host === host)).map(bar => bar.met);

test('the best peer is the bar, and native code no peer', () => {
  const engines = {tulle_simd128: entry(10, {litert: 1.2, onnxruntime: 4, native: 0.5}), litert: entry(12),
    onnxruntime: entry(40), native: entry(5)};
  const found = verdict(results('node', engines));
  assert.deepEqual(met(found, 'speed', 'node'), [true, false]);  // 1.2 of 1.0 and of 1.3
  assert.deepEqual(met(found, 'native'), [false, false]);
  assert.deepEqual(met(found, 'speed', 'chromium'), [null, null]);
  assert.deepEqual(met(found, 'size'), [false, true, false, true]);
});

test('answers far off miss every bar of speed', () => {
  const engines = {tulle_relaxed: {...entry(1, {litert: 9}), far: true}, litert: entry(9)};
  assert.deepEqual(met(verdict(results('chromium', engines)), 'speed', 'chromium'), [false, false]);
});

test('a host that has no relaxed vectors is given the plain build', () => {
  const engines = {tulle_relaxed: {error: 'no'}, tulle_simd128: entry(10, {litert: 2}), litert: entry(20)};
  const found = verdict(results('node', engines, {tulle_simd128: {whole_ms: 3}, litert: {whole_ms: 10}}));
  assert.deepEqual(met(found, 'start'), [true]);
  assert.equal(found.find(bar => bar.kind === 'speed' && bar.host === 'node').own, 'tulle_simd128');
});

test('bars of models that were not asked for are left out', () => {
  const found = verdict({modules: {}, models: {}});
  assert.deepEqual(new Set(found.map(bar => bar.kind)), new Set(['size']));
  assert.equal(verdict(results('node', {})).length, BARS.length);
});

test('only files of the race are served', () => {
  assert.ok(place('/bench/page.html').endsWith('bench/wasm/page.html'));
  for (const address of ['/', '/bench', '/etc/passwd', '/bench/../../Makefile', '/race/../../../x', '/__proto__/x']) {
    assert.equal(place(address), null, address);
  }
});

test('what went wrong is told without machine paths', () => {
  const error = new Error('  \n/a/b/c.mjs: no http://127.0.0.1:1/packages/x/y.js here\nat z');
  assert.equal(few_words(error), 'c.mjs: no y.js here');
});
