// The package against the command build/tulle (TULLE_COMMAND names another) on whole models: those of this repository,
// and those in ../shared/models (TULLE_SHARED) where they are.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Tulle } from '../dist/node.js';

const kRoot = fileURLToPath(new URL('../../../', import.meta.url));
const kCommand = process.env.TULLE_COMMAND ?? `${kRoot}build/tulle`;
const kFolders = [`${kRoot}models/digits`, `${process.env.TULLE_SHARED ?? `${kRoot}../shared`}/models`];
const kTolerance = 2e-5; // of the outputs' range: native sets add floats up in another order, and fuse
// Types by NumPy's code.
const kNumpy = {
  '<f4': Float32Array, '<f8': Float64Array, '|i1': Int8Array, '<i2': Int16Array, '<i4': Int32Array, '<i8': BigInt64Array,
  '|u1': Uint8Array, '<u2': Uint16Array, '<u4': Uint32Array, '<u8': BigUint64Array, '|b1': Uint8Array,
};
const kCodes = new Map(Object.entries(kNumpy).map(([code, array]) => [array, code]).reverse());

function writeNpy(path, array, shape) {
  const text = `{'descr': '${kCodes.get(array.constructor)}', 'fortran_order': False, 'shape': (${shape.map((d) => `${d}, `).join('')}), }`;
  const head = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const start = Buffer.from('\x93NUMPY\x01\0\0\0', 'latin1');
  start.writeUInt16LE(head.length, 8);
  writeFileSync(path, Buffer.concat([start, Buffer.from(head), new Uint8Array(array.buffer)]));
}

function readNpy(path) {
  const bytes = readFileSync(path);
  const end = 10 + bytes.readUInt16LE(8);
  const [, code] = /'descr': '([^']+)'/.exec(bytes.toString('latin1', 10, end));
  return new kNumpy[code](Uint8Array.from(bytes.subarray(end)).buffer);
}

/** Numbers that look random and are the same each time: floats from -1 to 1, integers of 8 and 16 bits, small others. */
function* numbers() {
  for (let state = 1; ; ) yield (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}
const source = numbers();
const next = () => source.next().value;
const kDraws = {
  float32: () => Float32Array.of(next() * 2 - 1)[0],
  int64: () => BigInt(Math.floor(next() * 100)),
};
const draw = (dtype) => kDraws[dtype] ?? (() => Math.floor(next() * (/16|8/.test(dtype) ? 65536 : 100)));

function assertClose(found, expected, name) {
  assert.equal(found.length, expected.length, name);
  if (!(expected instanceof Float32Array)) return assert.deepEqual(found, expected, name);
  const range = expected.reduce((a, b) => Math.max(a, b), 0) - expected.reduce((a, b) => Math.min(a, b), 0);
  const worst = found.reduce((most, x, i) => Math.max(most, Object.is(x, expected[i]) ? 0 : Math.abs(x - expected[i])), 0);
  assert.ok(worst <= kTolerance * range, `${name}: ${worst / range} of the range`);
}

for (const folder of kFolders) {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.tflite')) : [];
  const skip = !existsSync(kCommand) ? `no command ${kCommand}` : files.length === 0 ? `no models in ${folder}` : false;
  if (skip) test(`native: ${folder}`, { skip }, () => {});
  else for (const file of files) test(`native: ${file}`, (t) => compare(t, join(folder, file)));
}

async function compare(t, path) {
  const model = await Tulle.load(path).catch((error) => error);
  if (model.code === 'UNSUPPORTED') {
    assert.throws(() => execFileSync(kCommand, ['run', path, '--random', '1'], { stdio: 'pipe' }), ({ status }) => status === 3);
    return t.diagnostic(`both refuse it: ${model.message}`);
  }
  assert.ok(model instanceof Tulle, `${model}`);
  const work = mkdtempSync(join(tmpdir(), 'tulle-'));
  try {
    const inputs = {};
    const options = model.inputs.map(({ name, dtype, shape }, i) => {
      inputs[name] = model.view(name).slice().map(draw(dtype));
      writeNpy(join(work, `${i}.npy`), inputs[name], shape);
      return ['--input', `${i}=${join(work, `${i}.npy`)}`];
    });
    execFileSync(kCommand, ['run', path, ...options.flat(), '-o', work, '--no-cache'], { stdio: 'pipe' });
    const outputs = Object.values(await model.run(inputs));
    const expected = JSON.parse(readFileSync(join(work, 'outputs.json')));
    assert.deepEqual(outputs.map(({ dtype, shape }) => ({ dtype, shape })), expected.map(({ dtype, shape }) => ({ dtype, shape })));
    expected.forEach((output, i) => assertClose(outputs[i].data, readNpy(join(work, output.file)), output.name));
  } finally {
    model.dispose();
    rmSync(work, { recursive: true });
  }
}
