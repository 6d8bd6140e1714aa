// examples/shared against the command: the same answers for the same pictures. TULLE_COMMAND and TULLE_SHARED name the
// command and the shared models.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { labelOf, parseLabels } from '../../examples/shared/labels.mjs';
import { interpret } from '../../examples/shared/outputs.mjs';
import { feed, middle, preparation } from '../../examples/shared/prepare.mjs';
import { findInZip } from '../../examples/shared/zip.mjs';
import { rings, toPng } from './png.mjs';

const kRoot = fileURLToPath(new URL('../../', import.meta.url));
const kCommand = process.env.TULLE_COMMAND ?? join(kRoot, 'build/tulle');
const kShared = process.env.TULLE_SHARED ?? join(kRoot, '../shared');
const kPackage = join(kRoot, 'bindings/js/dist/node.js');
const kModels = join(kShared, 'models');

/** The picture in a BMP of 24 bits a pixel. */
function readBmp(path) {
  const bytes = readFileSync(path);
  const [start, width, height, bits] = [bytes.readUInt32LE(10), bytes.readInt32LE(18), bytes.readInt32LE(22), bytes.readUInt16LE(28)];
  assert.equal(bits, 24);
  const pitch = (width * 3 + 3) & ~3;
  const rgb = new Uint8Array(width * Math.abs(height) * 3);
  for (let y = 0; y < Math.abs(height); ++y)
    for (let x = 0; x < width * 3; ++x)
      rgb[y * width * 3 + x] = bytes[start + (height > 0 ? height - 1 - y : y) * pitch + x - (x % 3) + 2 - (x % 3)];
  return { width, height: Math.abs(height), rgb };
}

const missing = [kCommand, kPackage, kModels].find((path) => !existsSync(path));
describe('the answers of the command', { skip: missing ? `no ${missing}` : false }, () => {
  const ask = (verb, model, picture, ...options) =>
    JSON.parse(execFileSync(kCommand, [verb, picture, '-m', join(kModels, `${model}.tflite`), '--json', '--no-cache', ...options], { encoding: 'utf8' }));
  const answer = async (model, picture) => {
    const { Tulle } = await import(kPackage);
    const tulle = await Tulle.load(join(kModels, `${model}.tflite`), { build: 'simd128' });
    const how = preparation(tulle);
    const outputs = tulle.runSync({ [tulle.inputs[0].name]: feed(picture, tulle.inputs, how) });
    const found = interpret(tulle.outputs.map(({ name }) => outputs[name]), tulle.outputs);
    tulle.dispose();
    return { ...found, part: middle(picture, how), how };
  };
  const near = (a, b, most) => assert.ok(Math.abs(a - b) <= most, `${a} ${b}`);
  const image = (name) => join(kShared, 'images', name);

  for (const model of ['mobilenet_v2_1.0_224_quant', 'vww_96_float', 'pretrainedResnet'])
    test(`classes of ${model}`, async () => {
      const { top, how } = await answer(model, readBmp(image('cat.bmp')));
      const [{ top: expected }] = ask('classify', model, image('cat.bmp')).images;
      assert.deepEqual(top.map(({ index }) => index), expected.map(({ index }) => index));
      top.forEach(({ score }, i) => near(score, expected[i].score, 1e-5));
      if (!how.labelsFile) return;
      const labels = parseLabels(new TextDecoder().decode(await findInZip(readFileSync(join(kModels, `${model}.tflite`)), how.labelsFile)));
      assert.deepEqual(top.map(({ index }) => labelOf(labels, index)), expected.map(({ label }) => label));
    });

  test('boxes', async () => {
    const picture = readBmp(image('cat.bmp'));
    const { boxes, part } = await answer('ssd_mobilenet_v1_detect', picture);
    const { boxes: expected } = ask('detect', 'ssd_mobilenet_v1_detect', image('cat.bmp'));
    assert.ok(expected.length > 0);
    assert.deepEqual(boxes.map(({ index }) => index), expected.map(({ index }) => index));
    boxes.forEach(({ score, x0, y1 }, i) => {
      near(score, expected[i].score, 1e-5);
      near(part.x + x0 * part.width, expected[i].x0, 0.01);
      near(part.y + y1 * part.height, expected[i].y1, 0.01);
    });
  });

  test('key points', async () => {
    const { points, part } = await answer('movenet_single_pose_lightning_ptq', readBmp(image('squat.bmp')));
    const { points: expected } = ask('pose', 'movenet_single_pose_lightning_ptq', image('squat.bmp'));
    assert.deepEqual(points.map(({ name }) => name), expected.map(({ name }) => name));
    points.forEach(({ x, y, score }, i) => {
      near(score, expected[i].score, 1e-5);
      near(part.x + x * part.width, expected[i].x, 0.01);
      near(part.y + y * part.height, expected[i].y, 0.01);
    });
  });

  for (const model of ['deeplabv3_mnv2_dm05_pascal_quant', 'deeplabv3_257_mv_gpu'])
    test(`the map of ${model}`, async () => {
      const picture = readBmp(image('bird_segmentation.bmp'));
      const { map } = await answer(model, picture);
      const counts = new Map();
      for (let y = 0; y < picture.height; ++y)
        for (let x = 0; x < picture.width; ++x) {
          const cell = Math.floor(((y + 0.5) / picture.height) * map.height) * map.width + Math.floor(((x + 0.5) / picture.width) * map.width);
          counts.set(map.cells[cell], (counts.get(map.cells[cell]) ?? 0) + 1);
        }
      const { classes } = ask('segment', model, image('bird_segmentation.bmp'));
      // A cell whose best scores are next to equal may differ where floats are added up in another order.
      const allowed = model.includes('quant') ? 0 : picture.width * picture.height * 1e-4;
      for (const { index, pixels } of classes) near(counts.get(index) ?? 0, pixels, allowed);
    });

  test('labels', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tulle-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const [file, picture] = [join(folder, 'labels.txt'), join(folder, 'rings.png')];
    writeFileSync(picture, toPng(rings(32, 32)));
    const kTexts = ['a\nb\r\nc', '\uFEFF3: three\n1\t one\n0 zero\n', '5 five\n\n', 'x\n7 seven\n', '0:\n1  :one\n', ''];
    for (const text of kTexts) {
      writeFileSync(file, text);
      const [{ top }] = ask('classify', 'vww_96_int8', picture, '--labels', file).images;
      assert.deepEqual(top.map(({ index }) => labelOf(parseLabels(text), index)), top.map(({ label }) => label), JSON.stringify(text));
    }
  });
});

const kInput = { name: 'picture', dtype: 'int8', shape: [1, 8, 8, 1], scale: 1 / 255, zeroPoint: -128 };
const model = (metadata, input = kInput) => ({ inputs: [input], metadata: (name) => (name === 'TULLE_PREPARE' && metadata !== undefined ? new TextEncoder().encode(metadata) : null) });

test('preparations that are none are refused', () => {
  assert.equal(preparation(model('{"crop": 0.5}')).crop, 0.5);
  const kWrong = ['[]', 'no', '{"crpo": 1}', '{"crop": 0}', '{"crop": "1"}', '{"fit": "cut"}', '{"std": [0]}', '{"mean": [1, null]}', '{"mean": []}',
    '{"antialias": 1}', '{"labels": [1]}', '{"toString": 1}', '{"resample": "nearest"}', '{"channels": "bgr"}'];
  for (const text of kWrong) assert.throws(() => preparation(model(text)), /TULLE_PREPARE/, text);
});

test('inputs that take no picture are refused', () => {
  const refused = (metadata, change, pattern) => {
    const other = model(metadata, { ...kInput, ...change });
    assert.throws(() => feed(rings(8, 8), other.inputs, preparation(other)), pattern);
  };
  refused('{}', { shape: [1, 8, 8] }, /\[1,H,W,1 or 3\]/);
  refused('{}', { shape: [2, 8, 8, 1] }, /\[1,H,W,1 or 3\]/);
  refused('{}', { shape: [1, 8, 8, 4] }, /\[1,H,W,1 or 3\]/);
  refused('{}', { dtype: 'int16' }, /float32, uint8, int8/);
  refused('{"channels": "rgb"}', {}, /channels/);
  refused('{"mean": [1, 2, 3]}', {}, /one a channel/);
  refused('{}', { scale: 0 }, /scale/);
  assert.throws(() => feed(rings(8, 8), [kInput, kInput], preparation(model('{}'))), /2 inputs/);
  assert.throws(() => feed(rings(8, 8), [], preparation(model('{}'))), /0 inputs/);
});

test('outputs that are not shown are refused', () => {
  const output = (dtype, shape, data) => [{ name: 'out', dtype, shape, data, scale: 0, zeroPoint: 0 }];
  const what = (outputs) => interpret(outputs, outputs);
  assert.equal(what(output('float32', [1, 2], Float32Array.of(1, 3))).top[0].index, 1);
  assert.equal(what(output('float32', [1, 2], Float32Array.of(NaN, -3))).top[0].index, 0);
  assert.equal(what(output('int64', [1, 1, 2], BigInt64Array.of(1n, 3n))).kind, 'classes');
  assert.deepEqual([...what(output('int64', [1, 2, 2], BigInt64Array.of(1n, 3n, -1n, 70000n))).map.cells], [1, 3, 0, 65535]);
  assert.deepEqual([...what(output('uint8', [1, 2, 1, 2], Uint8Array.of(1, 3, 7, 7))).map.cells], [1, 0]);
  for (const [dtype, shape] of [['float32', [1, 896, 16]], ['float32', [2, 2]], ['float32', [1, 0]], ['float32', []], ['float32', [1, 2, 2, 1]]])
    assert.throws(() => what(output(dtype, shape, new Float32Array(4))), /outputs are float32 \[/, `${shape}`);
  assert.throws(() => what(output('float16', [1, 2], new Uint16Array(2))), /'out' is float16/);
  assert.throws(() => what([]), /outputs are none/);
});

test('what is sure enough is shown', () => {
  const output = (shape, data) => ({ name: 'out', dtype: 'float32', shape, data: Float32Array.from(data), scale: 0, zeroPoint: 0 });
  const scores = [0.6, 0.5, 0.49, NaN, 0.9];
  const outputs = [output([1, 5, 4], { length: 20 }), output([1, 5], [1, 2.9, 3, 4, 5]), output([1, 5], scores), output([1], [4])];
  const { boxes } = interpret(outputs, outputs);
  assert.deepEqual(boxes.map(({ index }) => index), [1, 2]); // the fifth is beyond their number
  const pose = [output([1, 1, 17, 3], Array.from({ length: 51 }, (_, i) => (i % 3 === 2 ? i / 100 : 0.5)))];
  assert.deepEqual(interpret(pose, pose).points.map(({ sure }) => sure).indexOf(true), 6); // the first of 0.2
});

test('a file out of an archive behind other bytes', async () => {
  const text = Buffer.from('cat\ndog\n'.repeat(40));
  const record = (mark, size, fields) => {
    const bytes = Buffer.alloc(size);
    bytes.writeUInt32LE(mark);
    for (const [at, value, width] of fields) bytes.writeUIntLE(value, at, width);
    return bytes;
  };
  const archive = (method, before) => {
    const [name, data] = [Buffer.from('labels.txt'), method === 8 ? deflateRawSync(text) : text];
    const member = Buffer.concat([record(0x04034b50, 30, [[26, name.length, 2]]), name, data]);
    const entry = Buffer.concat([
      record(0x02014b50, 46, [[10, method, 2], [20, data.length, 4], [24, text.length, 4], [28, name.length, 2], [42, before, 4]]), name]);
    const end = record(0x06054b50, 22, [[10, 1, 2], [12, entry.length, 4], [16, before + member.length, 4]]);
    return Buffer.concat([Buffer.alloc(100, 1), member, entry, end]);
  };
  for (const method of [0, 8])
    for (const before of [0, 100]) {
      assert.deepEqual(Buffer.from(await findInZip(archive(method, before), 'labels.txt')), text, `${method} ${before}`);
      assert.equal(await findInZip(archive(method, before), 'label.txt'), undefined);
    }
  assert.equal(await findInZip(Buffer.alloc(10), 'labels.txt'), undefined);
  const damaged = archive(8, 0);
  damaged.fill(0xff, 145, 150);
  assert.equal(await findInZip(damaged, 'labels.txt'), undefined);
});
