// The guests keep their contracts (docs/wasm.md).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {compile, modules, root} from './engine.mjs';
import {command, guest} from './guests.mjs';

const digits = path.join(root, 'models/digits');
const model = fs.readFileSync(path.join(digits, 'digits_int8.tflite'));
const pictures = fs.readdirSync(path.join(digits, 'images')).filter((name) => name.endsWith('.png')).sort();
const labelImage = path.join(modules, 'label_image.wasm');
const folders = {'/digits': digits, '/lists': path.join(root, 'tests/wasm')};
const usage = (...args) => command(labelImage, args, folders);

test('label_image prints five lines, best first', () => {
  for (const name of pictures) {
    const {code, out, error} = usage('/digits/digits_int8.tflite', `/digits/images/${name}`, '/lists/digits.txt');
    assert.equal(code, 0, error);
    const lines = out.trimEnd().split('\n').map((line) => line.match(/^(\d) (\d\.\d{6}) (.+)$/));
    assert.deepEqual(lines.map((line) => line?.[1]), ['1', '2', '3', '4', '5']);
    for (let i = 1; i < 5; ++i) assert.ok(Number(lines[i][2]) <= Number(lines[i - 1][2]));
    assert.equal(lines[0][3], ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'][name.match(/\d/)[0]], name);
  }
});

test('label_image reads the picture from standard input', () => {
  const picture = fs.readFileSync(path.join(digits, 'images', pictures[0]));
  const run = command(labelImage, ['/digits/digits_int8.tflite', '-', '/lists/digits.txt'], folders, picture);
  assert.equal(run.code, 0, run.error);
  assert.equal(run.out, usage('/digits/digits_int8.tflite', `/digits/images/${pictures[0]}`, '/lists/digits.txt').out);
});

test('label_image says in one line what is wrong', () => {
  const picture = `/digits/images/${pictures[0]}`;
  for (const [args, code, word] of [
    [['/digits/none.tflite', picture, '/lists/digits.txt'], 3, 'none.tflite'],
    [['/lists/digits.txt', picture, '/lists/digits.txt'], 3, 'digits.txt'],
    [['/digits/digits_int8.tflite', '/lists/digits.txt', '/lists/digits.txt'], 3, 'not a PNG, JPEG or BMP'],
    [['/digits/digits_int8.tflite', picture, '/lists/none.txt'], 3, 'none.txt'],
    [['/digits/digits_int8.tflite', picture, picture], 3, 'UTF-8'],
    [['/digits/digits_int8.tflite', picture], 2, 'usage'],
    [[], 2, 'usage'],
  ]) {
    const run = usage(...args);
    assert.equal(run.code, code, args.join(' '));
    assert.equal(run.out, '');
    assert.ok(run.error.includes(word), run.error);
    assert.equal(run.error.trimEnd().split('\n').length, 1);
  }
});

test('classify has the four exports of its contract and imports WASI alone', async () => {
  const module = await compile('classify.wasm');
  assert.deepEqual(WebAssembly.Module.exports(module).map((e) => e.name).sort(), ['_start', 'alloc', 'infer_from_ptrs', 'memory']);
  for (const {module: from} of WebAssembly.Module.imports(module)) assert.equal(from, 'wasi_snapshot_preview1');
});

test('classify gives classes counted from 1, with and without _start', async () => {
  const module = await compile('classify.wasm');
  const started = guest(module);
  const bare = new WebAssembly.Instance(module, {wasi_snapshot_preview1: new Proxy({}, {get: () => () => 0})}).exports;
  for (const name of pictures) {
    const picture = fs.readFileSync(path.join(digits, 'images', name)), expected = Number(name.match(/\d/)[0]) + 1;
    assert.equal(started.infer(model, picture), expected, name);
    const [a, b] = [model, picture].map((bytes) => {
      const at = bare.alloc(bytes.length);
      new Uint8Array(bare.memory.buffer, at, bytes.length).set(bytes);
      return at;
    });
    assert.equal(bare.infer_from_ptrs(a, model.length, b, picture.length), expected);
  }
});

test('classify refuses with the documented numbers', async () => {
  const {api, put, infer} = guest(await compile('classify.wasm'));
  const picture = fs.readFileSync(path.join(digits, 'images', pictures[0]));
  const nothing = Buffer.from('nothing');
  assert.equal(infer(nothing, picture), -1);
  assert.equal(infer(model, nothing), -2);
  assert.equal(infer(Buffer.alloc(0), Buffer.alloc(0)), -1);
  assert.equal(infer(fs.readFileSync(path.join(root, 'fuzz/corpus/session/add-0.tflite')), picture), -4);
  assert.equal(api.infer_from_ptrs(64, 100, 128, 100), -5);
  const [a, b] = [put(model), put(picture)];
  assert.equal(api.infer_from_ptrs(a, model.length, a, model.length), -5, 'one buffer twice');
  assert.equal(api.infer_from_ptrs(a, model.length, b, picture.length), -5, 'a buffer used up');
  assert.ok(api.alloc(0xFFFFFFFF) === 0, 'more than there is');
  const [c, d] = [put(model), put(picture)];
  assert.ok(api.infer_from_ptrs(c, model.length, d, model.length) > 0, "the model's length for the picture's");
});

test('a thousand inferences take no more memory than ten', async () => {
  const {infer, memory} = guest(await compile('classify.wasm'));
  const picture = fs.readFileSync(path.join(digits, 'images', pictures[0]));
  for (let i = 0; i < 10; ++i) infer(model, picture);
  const before = memory();
  for (let i = 0; i < 1000; ++i) infer(model, picture);
  assert.equal(memory(), before);
});
