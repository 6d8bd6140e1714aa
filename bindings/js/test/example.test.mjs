// examples/node: what it feeds a model is what `tulle classify` feeds it, and what it prints. Its packages are installed
// by `npm ci` there; TULLE_COMMAND and TULLE_SHARED name the command and the shared models.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Tulle } from '../dist/node.js';

const kRoot = fileURLToPath(new URL('../../../', import.meta.url));
const kExample = join(kRoot, 'examples/node');
const kCommand = process.env.TULLE_COMMAND ?? join(kRoot, 'build/tulle');
const kModels = `${process.env.TULLE_SHARED ?? join(kRoot, '../shared')}/models`;
const kDigits = ['float32', 'int8'].map((type) => join(kRoot, `models/digits/digits_${type}.tflite`));
// Bilinear and stretched, up and down; of 1 and 3 channels; float32, uint8 and int8.
const kOthers = ['mobilenet_v1_0.25_128_quant', 'person_detect', 'vww_96_float', 'vww_96_int8'].map((name) => join(kModels, `${name}.tflite`));
const kSizes = [[300, 200], [64, 64], [97, 31], [5, 9], [1, 1]];

const isInstalled = existsSync(join(kExample, 'node_modules/pngjs'));
const skip = !isInstalled ? `no packages in ${kExample}; npm ci puts them there` : false;
const from = (file) => import(new URL(`../../../examples/node/${file}`, import.meta.url));

test('it feeds what the command feeds', { skip: skip || (existsSync(kCommand) ? false : `no command ${kCommand}`) }, async (t) => {
  const [{ readPicture }, { feed, preparation }, { PNG }] =
    await Promise.all([from('picture.mjs'), from('../shared/prepare.mjs'), from('node_modules/pngjs/lib/png.js').then((m) => m.default)]);
  const folder = mkdtempSync(join(tmpdir(), 'tulle-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const pictures = [7, 3].map((digit) => join(kRoot, `models/digits/images/${digit}.png`));
  for (const [width, height] of kSizes) {
    const data = Buffer.from({ length: width * height * 4 }).map((_, i) => (i % 4 === 3 ? 255 : (i * i * 7 + i * 13) % 256));
    pictures.push(join(folder, `${width}x${height}.png`));
    writeFileSync(pictures.at(-1), PNG.sync.write(Object.assign(new PNG({ width, height }), { data })));
  }
  let compared = 0;
  for (const file of [...kDigits, ...kOthers].filter((path) => existsSync(path))) {
    const model = await Tulle.load(file);
    for (const picture of pictures) {
      const dump = join(folder, 'input.npy');
      execFileSync(kCommand, ['classify', picture, '-m', file, '--dump-input', dump, '--no-cache'], { stdio: 'pipe' });
      const bytes = readFileSync(dump);
      const { buffer } = feed(await readPicture(picture), model.inputs, preparation(model));
      assert.deepEqual(Buffer.from(buffer), bytes.subarray(10 + bytes.readUInt16LE(8)), `${file} ${picture}`);
      ++compared;
    }
    model.dispose();
  }
  t.diagnostic(`${compared} inputs`);
});

test('it prints the file, the time and the class', { skip }, () => {
  const run = (...operands) => spawnSync(process.execPath, [join(kExample, 'classify.mjs'), ...operands], { encoding: 'utf8' });
  const { stdout, stderr, status } = run(kDigits[1], join(kRoot, 'models/digits/images/7.png'));
  assert.match(stdout, /^Inference: 7\.png\nTook \d+ ms\n7 7 (1\.00|0\.\d\d)\n$/);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.equal(run().status, 2);
  const missing = run(kDigits[1], 'none.png');
  assert.deepEqual([missing.status, missing.stdout], [3, '']);
  assert.match(missing.stderr, /^classify: .*none\.png.*\n$/);
});

test('it knows a dog', { skip: skip || (existsSync(kModels) ? false : `no models in ${kModels}`) }, () => {
  const at = (file) => join(kModels, file);
  const stdout = execFileSync(process.execPath, [join(kExample, 'classify.mjs'), at('mobilenet_v2_1.0_224_quant.tflite'),
    join(kModels, '../images/golden-retriever.jpeg'), at('imagenet_labels.txt')], { encoding: 'utf8' });
  assert.match(stdout, /^Inference: golden-retriever\.jpeg\nTook \d+ ms\n208 golden retriever 0\.9\d\n$/);
});
