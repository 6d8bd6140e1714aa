// What becomes of a model whose engine fails underneath it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { hasRelaxed } from '../dist/modules.js';
import { Tulle, TulleError } from '../dist/node.js';
import WASI from '../dist/wasi/wasi.js';
import { adder } from './tiny.mjs';

const two = { a: new Float32Array(4), b: new Float32Array(4) };

/** A model whose exports are what `change` makes of them. */
async function changed(t, change) {
  const { instantiate } = WebAssembly;
  const mock = t.mock.method(WebAssembly, 'instantiate', async (...operands) => {
    const { exports } = await instantiate(...operands);
    return { exports: { ...exports, ...change(exports) } };
  });
  try {
    return await Tulle.load(adder([2, 2]));
  } finally {
    mock.mock.restore();
  }
}

const fails = (code, ...words) => (error) =>
  error instanceof TulleError && error.code === code && words.every((word) => error.message.includes(word));

test('a trap is an error and the model\'s end', async (t) => {
  const model = await changed(t, () => ({
    tulle_session_run: () => {
      throw new WebAssembly.RuntimeError('unreachable');
    },
  }));
  await assert.rejects(model.run(two), fails('TRAP', 'unreachable'));
  assert.equal(model.disposed, true);
  await assert.rejects(model.run(two), fails('DISPOSED', 'unreachable'));
  assert.throws(() => model.inputs, fails('DISPOSED', 'unreachable'));
  model.dispose();
  await assert.rejects(model.run(two), fails('DISPOSED', 'unreachable'));
});

test('a stack that overflows is a trap', async (t) => {
  const model = await changed(t, () => ({ tulle_session_run: function again() { return again() + 1; } }));
  await assert.rejects(model.run(two), fails('TRAP', 'stack'));
  assert.equal(model.disposed, true);
});

const kPage = 65536; // bytes
const kMaxPages = 65536;

/** Leaves a model's memory room to grow by so many pages. */
const fill = (memory, left) => memory.grow(kMaxPages - left - memory.buffer.byteLength / kPage);

test('memory that can\'t grow is OUT_OF_MEMORY', async (t) => {
  let memory;
  const model = await changed(t, (exports) => {
    memory = exports.memory;
    return {};
  });
  fill(memory, 64);
  // What the engine asks for with care is an error after which everything is as it was.
  assert.throws(() => model.resize({ a: [1000, 1000], b: [1000, 1000] }), fails('OUT_OF_MEMORY', 'no memory'));
  assert.deepEqual((await model.run(two)).sum.shape, [2, 2]);
  assert.throws(() => model.metadata('x'.repeat(8 << 20)), fails('OUT_OF_MEMORY', 'no memory'));
  assert.equal(model.disposed, false);
});

test('a trap where memory can\'t grow is OUT_OF_MEMORY', async (t) => {
  const model = await changed(t, ({ memory }) => ({
    tulle_session_run: () => {
      fill(memory, 0);
      throw new WebAssembly.RuntimeError('unreachable');
    },
  }));
  await assert.rejects(model.run(two), fails('OUT_OF_MEMORY', 'unreachable'));
  assert.equal(model.disposed, true);
});

test('a model that can\'t go back to shapes that were good is disposed of', async (t) => {
  let full = false;
  const model = await changed(t, ({ tulle_session_prepare: prepare }) => ({
    tulle_session_prepare: (session) => (full ? 5 : prepare(session)),
  }));
  model.resize({ a: [3], b: [3] });
  full = true;
  assert.throws(() => model.resize({ a: [4], b: [4] }), fails('OUT_OF_MEMORY'));
  assert.equal(model.disposed, true);
});

test('an engine that can\'t start', async (t) => {
  t.mock.method(WebAssembly, 'instantiate', async () => {
    throw new RangeError('WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory for new instance');
  });
  await assert.rejects(Tulle.load(adder([2, 2])), fails('OUT_OF_MEMORY', 'Cannot allocate'));
  t.mock.restoreAll();
  const other = await WebAssembly.compile(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  await assert.rejects(Tulle.load(adder([2, 2]), { module: other }), TulleError);
});

test('a build that does not run here says so', async () => {
  const module = new URL('data:application/wasm;base64,AGFzbQEAAAABBAFgAAADAgEACgUBAwD9/wE=');
  await assert.rejects(Tulle.load(adder([2, 2]), { module }), fails('UNSUPPORTED', "'custom'"));
});

test('the modules import no more than the shim has', async () => {
  const shim = new WASI([], [], [], { debug: false }).wasiImport;
  for (const file of hasRelaxed() ? ['tulle.wasm', 'tulle.relaxed.wasm'] : ['tulle.wasm']) {
    const module = await WebAssembly.compile(await readFile(new URL(`../dist/${file}`, import.meta.url)));
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
      assert.equal(`${from} ${kind}`, 'wasi_snapshot_preview1 function');
      assert.equal(typeof shim[name], 'function', name);
    }
  }
});
