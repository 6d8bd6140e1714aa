// What a model does: types, names, shapes, signatures, errors, memory.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Tulle, TulleError } from '../dist/node.js';
import { kDTypes } from '../dist/dtypes.js';
import { cases } from './golden.mjs';
import { adder, gatherer, identity, model } from './tiny.mjs';

const kDigits = new URL('../../../models/digits/digits_int8.tflite', import.meta.url);
const ones = (n) => new Float32Array(n).fill(1);
const two = { a: ones(4), b: ones(4) };

/** That a call throws a TulleError with this code, whose message has all these words. */
async function refuses(call, code, ...words) {
  await assert.rejects(async () => call(), (error) => {
    assert.ok(error instanceof TulleError, `${error}`);
    assert.equal(error.code, code, error.message);
    for (const word of words) assert.ok(error.message.includes(word), `"${error.message}" lacks "${word}"`);
    return true;
  });
}

// Data of each type for a tensor of three elements, and one of the wrong type.
const kSamples = {
  float32: Float32Array.of(1.5, -0, Infinity),
  float16: Uint16Array.of(0x3c00, 0xfc00, 1),
  float64: Float64Array.of(Math.PI, -1e300, 5e-324),
  bfloat16: Uint16Array.of(0x3f80, 0xff80, 1),
  float8_e4m3fn: Uint8Array.of(0x38, 0xff, 1),
  float8_e5m2: Uint8Array.of(0x3c, 0xff, 1),
  int8: Int8Array.of(-128, 127, 0),
  int16: Int16Array.of(-32768, 32767, 0),
  int32: Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 0),
  int64: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n),
  int4: Uint8Array.of(0x9f, 0x07),
  int2: Uint8Array.of(0x1b),
  uint8: Uint8Array.of(255, 1, 0),
  uint16: Uint16Array.of(65535, 1, 0),
  uint32: Uint32Array.of(2 ** 32 - 1, 1, 0),
  uint64: BigUint64Array.of(2n ** 64n - 1n, 1n, 0n),
  uint4: Uint8Array.of(0x9f, 0x07),
  bool: Uint8Array.of(1, 0, 1),
  string: ['', 'Grüße, 世界', 'a\0b\uFEFF'],
  complex64: Float32Array.of(1, 2, 3, 4, 5, 6),
  complex128: Float64Array.of(1, 2, 3, 4, 5, 6),
  resource: Int32Array.of(1, 2, 3),
  variant: new Uint8Array(0),
};

test('every type goes in and comes out', async () => {
  assert.deepEqual(kDTypes.map(({ name }) => name).sort(), Object.keys(kSamples).sort());
  for (const [dtype, data] of Object.entries(kSamples)) {
    const identical = await Tulle.load(identity(dtype, [3]));
    assert.deepEqual(identical.inputs, [{ name: 'x', dtype, shape: [3], scale: 0, zeroPoint: 0 }]);
    assert.deepEqual(await identical.run({ x: data }), { x: { data, dtype, shape: [3] } }, dtype);
    await refuses(() => identical.run({ x: new Uint8ClampedArray(3) }), 'INVALID_ARGUMENT', "'x'", dtype, 'Uint8ClampedArray');
    const short = data.slice(0, data.length - 1);
    if (data.length > 0) await refuses(() => identical.run({ x: short }), 'INVALID_ARGUMENT', "'x'", `${data.length}`, `found ${short.length}`);
    if (dtype !== 'string') assert.deepEqual(identical.view('x'), data);
  }
});

test('quantisation is told', async () => {
  const quantised = await Tulle.load(identity('int8', [2], { scale: 0.5, zero: -3 }));
  assert.deepEqual(quantised.inputs[0], { name: 'x', dtype: 'int8', shape: [2], scale: 0.5, zeroPoint: -3 });
});

test('strings: other counts, and what is no string', async () => {
  const strings = await Tulle.load(identity('string', [3]));
  const { x } = await strings.run({ x: { data: ['one', 'two'], shape: [2, 1] } });
  assert.deepEqual(x, { data: ['one', 'two'], dtype: 'string', shape: [2, 1] });
  await refuses(() => strings.run({ x: ['a', 5] }), 'INVALID_ARGUMENT', "'x'", 'strings', 'number at 1');
});

test('arrays of other realms and Buffers are arrays', async () => {
  const bytes = await Tulle.load(identity('uint8', [3]));
  assert.deepEqual((await bytes.run({ x: Buffer.from('abc') })).x.data, Uint8Array.of(97, 98, 99));
});

test('a shape that differs resizes, and one that does not fit leaves all as it was', async () => {
  const sum = await Tulle.load(adder([2, 2]));
  const shape = [3, 1];
  const wide = await sum.run({ a: { data: ones(3), shape }, b: { data: ones(3), shape } });
  assert.deepEqual(wide, { sum: { data: Float32Array.of(2, 2, 2), dtype: 'float32', shape } });
  assert.deepEqual(sum.inputs.map((input) => input.shape), [shape, shape]);
  await refuses(() => sum.run({ a: { data: ones(2), shape: [2] }, b: { data: ones(3), shape: [3] } }),
    'INVALID_ARGUMENT', "'a' as [2]", "'b' as [3]", 'ADD');
  assert.deepEqual(sum.inputs.map((input) => input.shape), [shape, shape]);
  sum.resize({ a: [2, 2], b: Int32Array.of(2, 2) });
  assert.deepEqual((await sum.run(two)).sum.data, ones(4).fill(2));
  await refuses(() => sum.resize({ a: [5] }), 'INVALID_ARGUMENT', "'a' as [5]", 'ADD');
  assert.deepEqual((await sum.run(two)).sum.data, ones(4).fill(2));
  await refuses(() => sum.resize(null), 'INVALID_ARGUMENT', 'by name', "'a', 'b'");
  await refuses(() => sum.resize({ c: [5] }), 'INVALID_ARGUMENT', "'c'", "'a', 'b'");
  for (const bad of [[-1], [1.5], [1, 1, 1, 1, 1, 1, 1, 1, 1], 5, 'four', null, new DataView(new ArrayBuffer(8))])
    await refuses(() => sum.resize({ a: bad }), 'INVALID_ARGUMENT', "'a'", 'shape');
});

test('empty tensors', async () => {
  const sum = await Tulle.load(adder([2, 2]));
  const none = { data: new Float32Array(0), shape: [0, 2] };
  assert.deepEqual(await sum.run({ a: none, b: none }), { sum: { ...none, dtype: 'float32' } });
});

test('each wrong input is named, with what was expected and found', async () => {
  const sum = await Tulle.load(adder([2, 2]));
  const cases = [
    [{ a: ones(4) }, "'b'", 'missing', 'float32 [2,2]'],
    [{ a: ones(4), b: undefined }, "'b'", 'missing'],
    [{ ...two, c: ones(4) }, "'c'", "'a', 'b'"],
    [{ a: ones(4), b: new Float64Array(4) }, "'b'", 'Float32Array', 'found Float64Array'],
    [{ a: ones(4), b: [1, 1, 1, 1] }, "'b'", 'Float32Array', 'found Array'],
    [{ a: ones(4), b: null }, "'b'", 'found null'],
    [{ a: ones(4), b: 7 }, "'b'", 'found number'],
    [{ a: ones(4), b: { shape: [4] } }, "'b'", 'found undefined'],
    [{ a: ones(4), b: ones(5) }, "'b'", '4 elements', 'found 5'],
    [{ a: ones(4), b: { data: ones(4), shape: [2, 3] } }, "'b'", '6 elements', '[2,3]', 'found 4'],
    [{ a: ones(4), b: { data: ones(4), shape: [-4] } }, "'b'", '[-4]'],
    [ones(4), 'by name', "'a', 'b'"],
    [null, 'by name'],
    [undefined, 'by name'],
  ];
  for (const [inputs, ...words] of cases) await refuses(() => sum.run(inputs), 'INVALID_ARGUMENT', ...words);
  assert.deepEqual((await sum.run(two)).sum.data, ones(4).fill(2));
});

test('outputs can be chosen, and are copies', async () => {
  const sum = await Tulle.load(adder([2, 2]));
  assert.deepEqual(await sum.run(two, { outputs: [] }), {});
  await refuses(() => sum.run(two, { outputs: 'sum' }), 'INVALID_ARGUMENT', 'array of names', "'sum'");
  await refuses(() => sum.run(two, { outputs: ['a'] }), 'INVALID_ARGUMENT', "output 'a'", "'sum'");
  const { sum: first } = sum.runSync(two);
  await sum.run({ a: ones(4), b: new Float32Array(4) });
  assert.deepEqual(first.data, ones(4).fill(2));
});

test('a view is the memory itself', async () => {
  const sum = await Tulle.load(adder([2, 2]));
  const [a, b] = [sum.view('a'), sum.view('b')];
  a.fill(3);
  b.fill(4);
  await sum.run({ a, b }, { outputs: [] });
  assert.deepEqual(sum.view('sum'), ones(4).fill(7));
  // Views as each other's data, and one that a resize would take away.
  await sum.run({ a: b, b: a }, { outputs: [] });
  assert.deepEqual([a[0], b[0]], [4, 3]);
  const shape = [4, 1];
  a.fill(5);
  const moved = await sum.run({ a: { data: sum.view('a'), shape }, b: { data: ones(4), shape } });
  assert.deepEqual(moved.sum.data, ones(4).fill(6));
  // Strings beside a view may move the memory under it.
  const tensors = [{ name: 'x', dtype: 'float32', shape: [2] }, { name: 's', dtype: 'string', shape: [1] }];
  const mixed = await Tulle.load(model([{ tensors: tensors.reverse(), inputs: [0, 1], outputs: [1] }]));
  const x = mixed.view('x');
  x.fill(8);
  const { wasm } = mixed.memory;
  assert.deepEqual((await mixed.run({ x, s: ['long'.repeat(1 << 20)] })).x.data, Float32Array.of(8, 8));
  assert.ok(mixed.memory.wasm > wasm);
  await refuses(() => mixed.run({ x, s: [''] }), 'INVALID_ARGUMENT', "'x'", 'found 0');
  await refuses(() => sum.view('c'), 'INVALID_ARGUMENT', "'c'", "'a', 'b', 'sum'");
  const strings = await Tulle.load(identity('string', [1]));
  await refuses(() => strings.view('x'), 'INVALID_ARGUMENT', "'x'", 'string');
});

test('tensors without a name of their own go by position', async () => {
  const tensors = ['', 'x', 'x', '1'].map((name) => ({ name, dtype: 'int8', shape: [1] }));
  const odd = await Tulle.load(model([{ tensors, inputs: [0, 1, 2, 3], outputs: [0, 1, 2, 3] }]));
  assert.deepEqual(odd.inputs.map(({ name }) => name), ['0', 'x', '2', '1']);
  const inputs = { 0: Int8Array.of(10), x: Int8Array.of(11), 2: Int8Array.of(12), 1: Int8Array.of(13) };
  const outputs = await odd.run(inputs);
  for (const name of Object.keys(inputs)) assert.deepEqual(outputs[name].data, inputs[name]);
  const proto = await Tulle.load(model([{ tensors: [{ ...tensors[0], name: '__proto__' }], inputs: [0], outputs: [0] }]));
  await refuses(() => proto.run({}), 'INVALID_ARGUMENT', "'__proto__' is missing");
  assert.deepEqual(Object.keys(await proto.run({ ['__proto__']: Int8Array.of(1) })), ['__proto__']);
});

const graph = (dtype) => ({ tensors: [{ name: 'inner', dtype, shape: [2] }], inputs: [0], outputs: [0] });
const signed = model([graph('int8'), graph('float32')], {
  signatures: [{ key: 'bytes', graph: 0, inputs: { in: 0 }, outputs: { out: 0 } },
    { key: 'reals', graph: 1, inputs: { x: 0 }, outputs: { y: 0 } }],
});

test('signatures', async () => {
  const both = await Tulle.load(signed);
  const tensor = (name, dtype) => [{ name, dtype, shape: [2], scale: 0, zeroPoint: 0 }];
  assert.deepEqual(both.signatures, [
    { key: 'bytes', inputs: tensor('in', 'int8'), outputs: tensor('in', 'int8').map((t) => ({ ...t, name: 'out' })) },
    { key: 'reals', inputs: tensor('x', 'float32'), outputs: tensor('y', 'float32') },
  ]);
  const options = { signature: 'reals' };
  assert.deepEqual((await both.run({ x: ones(2) }, options)).y.data, ones(2));
  both.resize({ x: [3] }, options);
  assert.deepEqual(both.signatures[1].inputs[0].shape, [3]);
  assert.deepEqual(both.view('x', options), new Float32Array(both.view('x', options)));
  assert.equal(both.view('x', options).length, 3);
  await refuses(() => both.run({}, { signature: 'none' }), 'NOT_FOUND', "'none'", 'bytes, reals');
  await refuses(() => both.run({ x: ones(3) }), 'INVALID_ARGUMENT', "'x'");
});

test('addresses beyond 2 GiB', async () => {
  const tensors = ['a', 'b', 'sum'].map((name) => ({ name, dtype: 'float32', shape: [2] }));
  const nodes = () => [{ op: 0, options: 11, inputs: [0, 1], outputs: [2] }];
  const graphs = [1, 2].map(() => ({ tensors, inputs: [0, 1], outputs: [2], nodes: nodes() }));
  const signature = { key: 'high', graph: 1, inputs: { a: 0, b: 1 }, outputs: { sum: 2 } };
  const sums = await Tulle.load(model(graphs, { signatures: [signature] }));
  const large = { a: [150e6], b: [150e6] }; // three times 600 MB, of which nothing is touched
  sums.resize(large);
  sums.resize(large, { signature: 'high' });
  const b = sums.view('b', { signature: 'high' });
  assert.ok(b.byteOffset > 2 ** 31);
  b.set([7], b.length - 1);
  assert.equal(sums.view('b', { signature: 'high' }).at(-1), 7);
  const shape = [3];
  const three = { data: ones(3), shape };
  assert.deepEqual((await sums.run({ a: three, b: three }, { signature: 'high' })).sum, { data: ones(3).fill(2), dtype: 'float32', shape });
  assert.equal(sums.metadata('none'), null);
});

test('the engine\'s errors carry code and message', async () => {
  await refuses(() => Tulle.load(new Uint8Array(100)), 'INVALID_FILE');
  await refuses(() => Tulle.load(new Uint8Array(0)), 'INVALID_FILE');
  await refuses(() => Tulle.load(signed.subarray(0, signed.length / 2)), 'INVALID_FILE');
  const odd = model([{ ...graph('int8'), nodes: [{ op: 'Nonsense', inputs: [0], outputs: [0] }] }]);
  await refuses(() => Tulle.load(odd), 'INVALID_FILE');
  const tensors = ['x', 'y'].map((name) => ({ name, dtype: 'int8', shape: [2] }));
  const unknown = model([{ tensors, inputs: [0], outputs: [1], nodes: [{ op: 'Nonsense', inputs: [0], outputs: [1] }] }]);
  await refuses(() => Tulle.load(unknown), 'UNSUPPORTED', 'node 0', 'Nonsense');
  const gather = await Tulle.load(gatherer());
  await refuses(() => gather.run({ table: ones(4), index: Int32Array.of(7) }), 'RUNTIME', 'GATHER', '7');
  assert.deepEqual((await gather.run({ table: ones(4), index: Int32Array.of(1) })).row.data, ones(2));
  await refuses(() => Tulle.load(adder([100, 100]), { memoryLimit: 1000 }), 'OUT_OF_MEMORY', 'limit');
  await refuses(() => Tulle.load(adder([2]), { memoryLimit: -1 }), 'INVALID_ARGUMENT', 'memoryLimit');
  await refuses(() => Tulle.load(adder([2]), { build: 'avx2' }), 'INVALID_ARGUMENT', "'avx2'", 'simd128, relaxed');
  await refuses(() => Tulle.load(5), 'INVALID_ARGUMENT', 'bytes');
  await refuses(() => Tulle.load('/no/such/file.tflite'), 'NOT_FOUND', '/no/such/file.tflite');
  await refuses(() => Tulle.load('/'), 'IO');
});

test('sources: bytes of any kind, paths and URLs', async () => {
  const path = fileURLToPath(kDigits);
  const bytes = new Uint8Array(await readFile(kDigits));
  const padded = new Uint8Array(bytes.length + 3);
  padded.set(bytes, 3);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  const sources = [
    path, kDigits, kDigits.href, bytes, bytes.buffer, shared, shared.buffer, padded.subarray(3), new DataView(bytes.buffer),
    new Uint16Array(bytes.buffer, 0, bytes.length / 2),
    new URL(`data:application/octet-stream;base64,${Buffer.from(bytes).toString('base64')}`),
    URL.createObjectURL(new Blob([bytes])),
  ];
  for (const source of sources) {
    const digits = await Tulle.load(source);
    assert.equal(digits.memory.model, bytes.length);
    assert.equal(digits.inputs[0].name, 'picture');
  }
});

test('a stream is put where it stays, whatever length was announced', async (t) => {
  const picture = { picture: new Int8Array(64) };
  const expected = (await Tulle.load(kDigits)).runSync(picture);
  const bytes = await readFile(kDigits);
  const pieces = function* () {
    for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
  };
  for (const headers of [{}, { 'content-length': '100' }, { 'content-length': `${bytes.length}` }, { 'content-length': '99999' }]) {
    t.mock.method(globalThis, 'fetch', async () => new Response(ReadableStream.from(pieces()), { headers }));
    const digits = await Tulle.load('https://example.org/digits.tflite');
    assert.equal(digits.memory.model, bytes.length);
    assert.deepEqual(digits.runSync(picture), expected);
    t.mock.restoreAll();
  }
  t.mock.method(globalThis, 'fetch', async () => new Response('', { status: 404 }));
  await refuses(() => Tulle.load('https://example.org/x'), 'NOT_FOUND', '404');
  t.mock.method(globalThis, 'fetch', async () => Promise.reject(new TypeError('no network')));
  await refuses(() => Tulle.load(new URL('https://example.org/x')), 'IO', 'no network');
});

test('metadata', async () => {
  const digits = await Tulle.load(kDigits);
  assert.equal(JSON.parse(new TextDecoder().decode(digits.metadata('TULLE_PREPARE'))).labels.length, 10);
  assert.equal(digits.metadata('nothing'), null);
});

test('a profile has every node of the last profiled run', async () => {
  const digits = await Tulle.load(kDigits);
  const inputs = { picture: new Int8Array(64) };
  digits.runSync(inputs);
  assert.deepEqual(digits.profile(), []);
  digits.runSync(inputs, { profile: true });
  const profile = digits.profile();
  assert.deepEqual(profile.map(({ op, graph, node }) => `${op} ${graph} ${node}`).slice(0, 3),
    ['CONV_2D 0 0', 'CONV_2D 0 1', 'MAX_POOL_2D 0 2']);
  const sum = profile.reduce((total, { ms }) => total + ms, 0);
  assert.ok(sum > 0 && profile.every(({ ms }) => ms >= 0 && ms < 60e3), JSON.stringify(profile));
  digits.runSync(inputs);
  assert.deepEqual(digits.profile(), profile);
});

test('memory is counted, and a thousand runs do not grow it', async () => {
  const digits = await Tulle.load(kDigits);
  const inputs = { picture: new Int8Array(64) };
  digits.runSync(inputs, { profile: true });
  const before = digits.memory;
  assert.ok(before.arena > 0 && before.packed > 0 && before.wasm > before.model + before.arena + before.packed);
  const strings = await Tulle.load(identity('string', [2]));
  strings.runSync({ x: ['a', 'b'] });
  const small = strings.memory;
  for (let i = 0; i < 1000; ++i) {
    digits.runSync(inputs, { profile: i % 2 === 0 });
    strings.runSync({ x: ['x'.repeat(1000), 'y'] });
    assert.throws(() => digits.runSync({ picture: new Int8Array(63) }));
  }
  assert.deepEqual(digits.memory, before);
  assert.ok(strings.memory.wasm <= small.wasm + 65536);
});

test('shapes back and forth, signatures and metadata do not grow memory', async () => {
  const sum = await Tulle.load(adder([2, 2], { metadata: { note: 'text' } }));
  const both = await Tulle.load(signed);
  const turn = () => {
    for (const n of [1000, 10]) sum.resize({ a: [n], b: [n] });
    assert.throws(() => sum.resize({ a: [3] }));
    sum.metadata('note');
    return [sum.memory.wasm, both.signatures.length && both.memory.wasm];
  };
  for (let i = 0; i < 10; ++i) turn();
  const before = turn();
  for (let i = 0; i < 1000; ++i) turn();
  assert.deepEqual(turn(), before);
});

test('variables keep their values from run to run until they are reset', async () => {
  const { value: head } = await cases('svdf').next();
  const state = await Tulle.load(head.model);
  const inputs = Object.fromEntries(state.inputs.map(({ name, shape }) => [name, ones(shape.reduce((n, dim) => n * dim))]));
  const first = await state.run(inputs);
  assert.notDeepEqual(await state.run(inputs), first);
  state.reset();
  assert.deepEqual(await state.run(inputs), first);
});

test('dispose, twice, by using, and what comes after', async () => {
  const sum = await Tulle.load(adder([2, 2]));
  assert.equal(sum.disposed, false);
  sum.dispose();
  sum.dispose();
  assert.equal(sum.disposed, true);
  const uses = [
    () => sum.run(two), () => sum.runSync(two), () => sum.inputs, () => sum.outputs, () => sum.signatures, () => sum.memory,
    () => sum.view('a'), () => sum.resize({}), () => sum.profile(), () => sum.metadata('x'), () => sum.reset(),
  ];
  for (const use of uses) await refuses(use, 'DISPOSED', 'disposed of');
  const other = await Tulle.load(adder([2, 2]));
  other[Symbol.dispose ?? Symbol.for('Symbol.dispose')]();
  assert.equal(other.disposed, true);
});

test('what is disposed of is freed', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const digits = await Tulle.load(kDigits);
  const memory = new WeakRef(digits.view('picture').buffer);
  const isCollected = async () => {
    for (let i = 0; i < 10; ++i) {
      await setImmediate();
      collect();
    }
    return memory.deref() === undefined;
  };
  assert.equal(await isCollected(), false);
  digits.dispose();
  assert.equal(await isCollected(), true);
  assert.equal(digits.disposed, true);
  for (let i = 0; i < 300; ++i) (await Tulle.load(kDigits)).dispose();
});

test('one compilation serves many models', async (t) => {
  const compile = t.mock.method(WebAssembly, 'compile');
  await Promise.all([Tulle.load(kDigits), Tulle.load(kDigits)]);
  assert.equal(compile.mock.callCount(), 0); // earlier tests loaded this build
  const where = new URL('../dist/tulle.wasm', import.meta.url);
  await Promise.all([1, 2, 3].map(() => Tulle.load(kDigits, { module: new URL('?own', where) })));
  assert.equal(compile.mock.callCount(), 1);
  const module = await WebAssembly.compile(await readFile(where));
  assert.equal((await Tulle.load(kDigits, { module })).build, 'custom');
  assert.equal((await Tulle.load(kDigits, { module: where, build: 'simd128' })).build, 'simd128');
});
