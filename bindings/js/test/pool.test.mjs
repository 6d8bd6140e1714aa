// Pools of workers: the same answers, work shared out, failures that stay with their run.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Tulle, TulleError } from '../dist/node.js';
import { adder, gatherer, identity, model as tiny } from './tiny.mjs';

const kDigits = new URL('../../../models/digits/digits_int8.tflite', import.meta.url);
const fails = (code, ...words) => (error) =>
  error instanceof TulleError && error.code === code && words.every((word) => error.message.includes(word));

test('many runs give what the model gives', async () => {
  const model = await Tulle.load(kDigits);
  const pool = await Tulle.pool(kDigits, { workers: 2, build: 'simd128' });
  assert.equal(pool.workers, 2);
  assert.equal(pool.build, 'simd128');
  for (const what of ['inputs', 'outputs', 'signatures']) assert.deepEqual(pool[what], model[what]);
  const pictures = Array.from({ length: 20 }, (_, k) => Int8Array.from({ length: 64 }, (_, i) => (i * 7 + k * 31) % 256 - 128));
  const answers = await Promise.all(pictures.map((picture) => pool.run({ picture })));
  for (const [k, answer] of answers.entries()) assert.deepEqual(answer, model.runSync({ picture: pictures[k] }));
  assert.equal(pictures[0].length, 64, 'the caller keeps its arrays');
  pool.dispose();
});

test('parts of larger arrays, Buffers, shapes and strings arrive as they are', async () => {
  const pool = await Tulle.pool(adder([2, 2]), { workers: 1 });
  const all = Float32Array.of(0, 1, 2, 3, 4, 5);
  const { sum } = await pool.run({ a: all.subarray(1, 5), b: { data: all.subarray(2), shape: [2, 2] } });
  assert.deepEqual(sum, { data: Float32Array.of(3, 5, 7, 9), dtype: 'float32', shape: [2, 2] });
  assert.deepEqual(await pool.run({ a: all.subarray(1, 5), b: all.subarray(2) }, { outputs: [] }), {});
  pool.dispose();
  const strings = await Tulle.pool(identity('string', [1]), { workers: 1 });
  assert.deepEqual((await strings.run({ x: ['ä'] })).x.data, ['ä']);
  strings.dispose();
  const bytes = await Tulle.pool(identity('uint8', [3]), { workers: 1 });
  assert.deepEqual((await bytes.run({ x: Buffer.from('abc') })).x.data, Uint8Array.of(97, 98, 99));
  bytes.dispose();
});

test('a wrong input is its run\'s error, and the next run works', async () => {
  const pool = await Tulle.pool(gatherer(), { workers: 1 });
  const table = new Float32Array(4);
  const runs = [
    pool.run({ table }),
    pool.run({ table, index: Int32Array.of(9) }),
    pool.run({ table, index: () => 0 }),
    pool.run(table),
    pool.run({ table, index: Int32Array.of(1) }),
  ];
  const [missing, outside, odd, unnamed, good] = await Promise.allSettled(runs);
  assert.ok(fails('INVALID_ARGUMENT', "'index' is missing")(missing.reason), missing.reason);
  assert.ok(fails('RUNTIME', 'GATHER')(outside.reason), outside.reason);
  assert.ok(fails('INVALID_ARGUMENT')(odd.reason), odd.reason);
  assert.ok(fails('INVALID_ARGUMENT', 'by name')(unnamed.reason), unnamed.reason);
  assert.deepEqual(good.value.row.data, new Float32Array(2));
  pool.dispose();
});

test('a worker that ends is its run\'s error, and another takes its place', async (t) => {
  const posted = []; // the worker of each message
  const { postMessage } = Worker.prototype;
  t.mock.method(Worker.prototype, 'postMessage', function (...operands) {
    posted.push(this);
    return postMessage.apply(this, operands);
  });
  const size = 1 << 22; // takes longer than ending the worker
  const pool = await Tulle.pool(adder([size]), { workers: 1 });
  const inputs = { a: new Float32Array(size), b: new Float32Array(size) };
  const [first, second] = [pool.run(inputs), pool.run(inputs)];
  while (posted.length < 2) await null;
  posted[1].terminate();
  await assert.rejects(first, fails('TRAP', 'the worker failed'));
  assert.equal((await second).sum.data.length, size);
  assert.notEqual(posted.at(-1), posted[1]);
  pool.dispose();
});

test('a pool of a module of its own', async () => {
  const where = new URL('../dist/tulle.wasm', import.meta.url);
  for (const module of [where, await WebAssembly.compile(await readFile(where))]) {
    const pool = await Tulle.pool(adder([1]), { workers: 1, module });
    assert.equal(pool.build, 'custom');
    assert.deepEqual((await pool.run({ a: Float32Array.of(1), b: Float32Array.of(2) })).sum.data, Float32Array.of(3));
    pool.dispose();
  }
});

test('a signature that can\'t run hinders nobody else', async () => {
  const tensors = ['x', 'y'].map((name) => ({ name, dtype: 'int8', shape: [1] }));
  const graphs = [{ tensors, inputs: [0], outputs: [0] },
    { tensors, inputs: [0], outputs: [1], nodes: [{ op: 'Nonsense', inputs: [0], outputs: [1] }] }];
  const signatures = [{ key: 'odd', graph: 1, inputs: { x: 0 }, outputs: { y: 1 } }];
  const pool = await Tulle.pool(tiny(graphs, { signatures }), { workers: 2 });
  const x = Int8Array.of(5);
  assert.deepEqual((await pool.run({ x })).x.data, x);
  assert.throws(() => pool.signatures, fails('UNSUPPORTED', 'Nonsense'));
  await assert.rejects(pool.run({ x }, { signature: 'odd' }), fails('UNSUPPORTED', 'Nonsense'));
  assert.deepEqual((await pool.run({ x })).x.data, x);
  pool.dispose();
});

test('a model that does not load is no pool', async () => {
  await assert.rejects(Tulle.pool(new Uint8Array(50), { workers: 2 }), fails('INVALID_FILE'));
  await assert.rejects(Tulle.pool('/no/such/file', { workers: 2 }), fails('NOT_FOUND', '/no/such/file'));
  await assert.rejects(Tulle.pool(kDigits, { workers: 0 }), fails('INVALID_ARGUMENT', 'workers'));
});

test('dispose ends what runs and what waits', async () => {
  const pool = await Tulle.pool(await readFile(kDigits), { workers: 1 });
  const runs = [1, 2, 3].map(() => pool.run({ picture: new Int8Array(64) }));
  pool.dispose();
  pool.dispose();
  for (const { reason } of await Promise.allSettled(runs)) assert.ok(fails('DISPOSED', 'pool')(reason), reason);
  await assert.rejects(pool.run({ picture: new Int8Array(64) }), fails('DISPOSED', 'pool'));
  assert.equal(pool.disposed, true);
});

test('a program ends though its pool is not disposed of', async () => {
  const entry = new URL('../dist/node.js', import.meta.url);
  const script = `import { Tulle } from '${entry}';
    const pool = await Tulle.pool('${kDigits}', { workers: 2 });
    console.log((await pool.run({ picture: new Int8Array(64) })).probabilities.shape.join());`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 60e3 });
  assert.equal(stdout, '1,10\n');
  assert.equal(stderr, '');
});
