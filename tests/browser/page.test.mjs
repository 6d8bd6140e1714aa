// examples/browser in Chromium, headless. CHROME names the browser, TULLE_COMMAND the command, TULLE_SHARED the shared
// models; TULLE_PICTURE names a file that takes a picture of the page. `npm ci` here installs what drives the browser.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { interpret } from '../../examples/shared/outputs.mjs';
import { feed, preparation } from '../../examples/shared/prepare.mjs';
import { rings, toPng } from './png.mjs';
import { serve } from './server.mjs';

const kRoot = fileURLToPath(new URL('../../', import.meta.url));
const kCommand = process.env.TULLE_COMMAND ?? join(kRoot, 'build/tulle');
const kShared = process.env.TULLE_SHARED ?? join(kRoot, '../shared');
const kTimeout = 120e3; // ms
const kOptions = ['--no-sandbox', '--disable-gpu', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

function chromium() {
  if (process.env.CHROME) return process.env.CHROME;
  for (const name of ['chromium', 'google-chrome', 'chromium-browser'])
    try {
      return execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      // The next one, then.
    }
  return undefined;
}

const puppeteer = await import('puppeteer-core').then((module) => module.default, () => undefined);
const program = chromium();
const why = [
  [!program, 'no browser; CHROME may name one'],
  [!puppeteer, 'no puppeteer-core; npm ci in tests/browser puts it there'],
  [!existsSync(join(kRoot, 'bindings/js/dist/tulle.wasm')), 'no package in bindings/js/dist; npm run build makes it'],
].find(([isMissing]) => isMissing)?.[1];

describe('the page', { skip: why ?? false }, () => {
  let server;
  let browser;
  let page;
  let problems; // what the page's scripts failed with, and requests to elsewhere

  before(async () => {
    server = await serve({ '/': kRoot, '/shared/': kShared });
    browser = await puppeteer.launch({ executablePath: program, args: kOptions, timeout: kTimeout, protocolTimeout: kTimeout });
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });
  beforeEach(async () => {
    await page?.close();
    server.missing.clear();
    page = await browser.newPage();
    page.setDefaultTimeout(kTimeout);
    await page.setViewport({ width: 1200, height: 760 });
    problems = [];
    page.on('pageerror', ({ message }) => problems.push(message));
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(server.address)) problems.push(request.url());
    });
  });

  const text = (id) => page.$eval(`#${id}`, ({ textContent }) => textContent);
  const becomes = (id, pattern) =>
    page.waitForFunction((name, source) => new RegExp(source).test(document.getElementById(name).textContent), {}, id, pattern.source);
  /** Opens the page, and waits for its model or for what is wrong with it. */
  const open = async (query = '') => {
    await page.goto(`${server.address}/examples/browser/${query}`);
    await page.waitForFunction(() => ['build', 'error'].some((id) => document.getElementById(id).textContent));
  };
  const sample = (digit) => page.click(`#samples button:nth-child(${digit + 1})`);
  const rows = () => page.$$eval('#results li', (list) => list.map((item) => [item.firstChild.textContent, Number(item.dataset.score)]));
  /** Drops files, or pastes them, whose bytes come from URLs or as texts. */
  const give = (files, kind = 'drop') =>
    page.evaluate(async (all, type) => {
      const transfer = new DataTransfer();
      for (const { name, url, contents } of all) {
        const bytes = url ? await (await fetch(url)).arrayBuffer() : contents;
        transfer.items.add(new File([bytes], name, { type: /png$/.test(name) ? 'image/png' : '' }));
      }
      const how = { bubbles: true, cancelable: true };
      document.body.dispatchEvent(
        type === 'drop' ? new DragEvent(type, { ...how, dataTransfer: transfer }) : new ClipboardEvent(type, { ...how, clipboardData: transfer }));
    }, files, kind);
  /** The pixels of a picture as the browser decodes it. */
  const decoded = async (url) => {
    const { width, height, rgb } = await page.evaluate(async (from) => {
      const bitmap = await createImageBitmap(await (await fetch(from)).blob());
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      canvas.drawImage(bitmap, 0, 0);
      const { data } = canvas.getImageData(0, 0, bitmap.width, bitmap.height);
      return { width: bitmap.width, height: bitmap.height, rgb: Array.from(data.filter((_, i) => i % 4 < 3)) };
    }, url);
    return { width, height, rgb: Uint8Array.from(rgb) };
  };
  const digit = (i) => ({ name: `${i}.png`, url: `/models/digits/images/${i}.png` });
  /** What the notice says; nothing where it is hidden. */
  const notice = () => page.$eval('#notice', ({ hidden, innerText }) => (hidden ? '' : innerText));
  const calm = () => assert.deepEqual(problems, []);

  test('samples', async () => {
    await open();
    for (const i of [3, 0, 8]) {
      await sample(i);
      await becomes('label', new RegExp(`^${i}$`));
    }
    assert.match(await text('build'), /^(simd128|relaxed)$/);
    assert.match(await text('time'), /^\d+(\.\d+)? ms$/);
    assert.match(await text('memory'), /^\d+\.\d MB$/);
    assert.equal(await text('model'), 'digits_int8.tflite');
    assert.equal(await text('input'), '1 × 8 × 8 × 1 int8');
    assert.equal((await rows()).length, 5);
    assert.equal(await notice(), '');
    calm();
  });

  test('the picture that was asked for last', async () => {
    await page.evaluateOnNewDocument(() => {
      const decode = createImageBitmap;
      let delay = 330; // ms; what is asked for first is there last
      globalThis.createImageBitmap = async (...operands) => {
        await new Promise((done) => setTimeout(done, (delay -= 30)));
        return decode(...operands);
      };
    });
    await open();
    await becomes('label', /^3$/);
    await page.$$eval('#samples button', (buttons) => buttons.forEach((button) => button.click()));
    await becomes('label', /./);
    assert.equal(await text('label'), '9');
    await page.evaluate(() => new Promise((done) => setTimeout(done, 600)));
    assert.equal(await text('label'), '9');
    assert.equal(await page.$eval('#picture', ({ ariaLabel }) => ariaLabel), 'Picture: 9');
    assert.deepEqual(await page.$$eval('#samples [aria-pressed=true] img', (images) => images.map(({ alt }) => alt)), ['a handwritten 9']);
    calm();
  });

  test('a picture that was dropped, pasted, chosen', async () => {
    await open();
    await give([digit(4)]);
    await becomes('label', /^4$/);
    await give([digit(9)], 'paste');
    await becomes('label', /^9$/);
    await (await page.$('#files')).uploadFile(join(kRoot, 'models/digits/images/6.png'));
    await becomes('label', /^6$/);
    calm();
  });

  test('a model and labels that were dropped, or named by the address', async () => {
    await open();
    await sample(5);
    await becomes('label', /^5$/);
    await give([{ name: 'float.tflite', url: '/models/digits/digits_float32.tflite' }]);
    await becomes('model', /^float\.tflite$/);
    await becomes('label', /^5$/);
    const names = ['null', 'eins', 'zwei', 'drei', 'vier', 'fünf'].join('\n');
    await give([{ name: 'names.txt', contents: names }]);
    await becomes('label', /^fünf$/);
    await open(`?model=../../models/digits/digits_float32.tflite&labels=data:text/plain;charset=utf-8,${encodeURIComponent(names)}`);
    assert.equal(await text('model'), 'digits_float32.tflite');
    await sample(2);
    await becomes('label', /^zwei$/);
    calm();
  });

  for (const model of ['digits_float32', 'digits_int8'])
    test(`the scores of Node, ${model}`, async () => {
      const { Tulle } = await import('../../bindings/js/dist/node.js');
      const tulle = await Tulle.load(join(kRoot, `models/digits/${model}.tflite`), { build: 'simd128' });
      await open(`?model=/models/digits/${model}.tflite&build=simd128`);
      assert.equal(await text('build'), 'simd128');
      for (const [width, height] of [[61, 40], [8, 8], [5, 97]]) {
        const picture = rings(width, height);
        const fed = feed(picture, tulle.inputs, preparation(tulle));
        const { probabilities } = tulle.runSync({ [tulle.inputs[0].name]: fed });
        const { top } = interpret([probabilities], tulle.outputs);
        await give([{ name: 'rings.png', url: `data:image/png;base64,${toPng(picture).toString('base64')}` }]);
        await becomes('label', /./);
        assert.deepEqual(await rows(), top.map(({ index, score }) => [String(index), score]));
      }
      tulle.dispose();
      calm();
    });

  test('another build', async () => {
    await open('?build=relaxed');
    await sample(1);
    await becomes('label', /^1$/);
    for (const build of ['simd128', 'relaxed']) {
      await page.select('#choice', build);
      await becomes('build', new RegExp(`^${build}$`));
      await becomes('label', /^1$/);
    }
    await give([{ name: 'names.txt', contents: 'null\neins\n' }]);
    await becomes('label', /^eins$/);
    await page.select('#choice', 'simd128');
    await becomes('build', /^simd128$/);
    await becomes('label', /./);
    assert.equal(await text('label'), 'eins');
    calm();
  });

  test('what is wrong is said, and the page goes on', async () => {
    await open();
    await give([{ name: 'torn.png', contents: 'no picture' }]);
    await becomes('error', /^torn\.png: not a picture/);
    assert.equal(await text('label'), '');
    await give([{ name: 'torn.tflite', contents: 'no model' }]);
    await becomes('error', /^torn\.tflite: not a TensorFlow Lite file/);
    await sample(2);
    await becomes('label', /^2$/);
    assert.equal(await text('error'), '');
    await open('?model=none.tflite');
    assert.match(await text('error'), /none\.tflite: HTTP status 404$/);
    await sample(2);
    await becomes('error', /none\.tflite: HTTP status 404$/);
    calm();
  });

  test('a package that is not built is told of', async () => {
    server.missing.add('/bindings/js/dist/');
    await open();
    assert.match(await notice(), /make wasm.*npm run build/s);
    assert.match(await text('error'), /not built/);
    server.missing.clear();
    server.missing.add('/bindings/js/dist/tulle.wasm').add('/bindings/js/dist/tulle.relaxed.wasm');
    await open();
    assert.match(await notice(), /make wasm/);
    server.missing.clear();
    server.missing.add('/examples/shared/'); // as where the server's root is another folder
    await page.goto(`${server.address}/examples/browser/`);
    await page.waitForFunction(() => !document.getElementById('notice').hidden);
    assert.match(await notice(), /root of the checkout/);
    calm();
  });

  /** Counts, in the page, requests to the worker that have no answer yet; keeps the camera's stream. */
  const watched = () =>
    page.evaluateOnNewDocument(() => {
      const counts = (globalThis.counts = { sent: 0, answered: 0, most: 0 });
      const { postMessage } = Worker.prototype;
      Worker.prototype.postMessage = function (...operands) {
        if (counts.sent++ === 0) this.addEventListener('message', () => ++counts.answered);
        counts.most = Math.max(counts.most, counts.sent - counts.answered);
        return postMessage.apply(this, operands);
      };
      const media = navigator.mediaDevices;
      const getUserMedia = media.getUserMedia.bind(media);
      media.getUserMedia = async (...operands) => (globalThis.stream = await getUserMedia(...operands));
    });

  test('the camera', async () => {
    await watched();
    await open();
    await becomes('label', /^3$/);
    await page.evaluate(() => (counts.most = 0));
    await page.click('#camera');
    await becomes('camera', /^Stop$/);
    await becomes('label', /^\d$/);
    const before = await page.evaluate(() => counts.answered);
    await page.waitForFunction((start) => counts.answered > start + 10, {}, before);
    assert.match(await text('time'), /^\d+(\.\d+)? ms$/);
    assert.equal(await page.evaluate(() => counts.most), 1); // a frame waits for the answer to the one before
    await give([{ name: 'float.tflite', url: '/models/digits/digits_float32.tflite' }]);
    await becomes('model', /^float\.tflite$/);
    await becomes('label', /^\d$/);
    assert.equal(await text('camera'), 'Stop');

    await page.click('#camera');
    await becomes('camera', /^Camera$/);
    assert.deepEqual(await page.evaluate(() => stream.getTracks().map(({ readyState }) => readyState)), ['ended']);
    await page.waitForFunction(() => counts.sent === counts.answered);
    const sent = await page.evaluate(() => counts.sent);
    await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
    assert.equal(await page.evaluate(() => counts.sent), sent);
    await page.click('#camera');
    await becomes('camera', /^Stop$/);
    await sample(7); // ends it
    await becomes('label', /^7$/);
    assert.equal(await text('camera'), 'Camera');
    assert.deepEqual(await page.evaluate(() => stream.getTracks().map(({ readyState }) => readyState)), ['ended']);
    calm();
  });

  test('a camera that is refused', async () => {
    await page.evaluateOnNewDocument(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    });
    await open();
    await page.click('#camera');
    await becomes('error', /^the camera can't be used: it was not allowed$/);
    await sample(7);
    await becomes('label', /^7$/);
    assert.equal(await text('error'), '');
    calm();
  });

  test('it works by keyboard, and its controls have names', async () => {
    await open();
    await becomes('label', /^3$/);
    const seen = [];
    for (let i = 0; i < 12 && !seen.includes('a handwritten 5'); ++i) {
      await page.keyboard.press('Tab');
      seen.push(await page.evaluate(() => document.activeElement.labels?.[0]?.textContent || document.activeElement.innerText || document.activeElement.querySelector('img').alt));
    }
    assert.deepEqual(seen.slice(0, 3), ['Choose files', 'Camera', 'a handwritten 0']);
    await page.keyboard.press('Enter');
    await becomes('label', /^5$/);
    const flat = (node) => [node, ...(node.children ?? []).flatMap(flat)];
    const controls = flat(await page.accessibility.snapshot()).filter(({ role }) => /button|combobox|list/i.test(role));
    assert.deepEqual(controls.filter(({ role, name }) => !name && role !== 'listitem'), []);
    const names = controls.map(({ name }) => name);
    for (const name of ['Choose files', 'Camera', 'a handwritten 9', 'Build', 'Scores']) assert.ok(names.includes(name), `${name} in ${names}`);
    calm();
  });

  test('one screen, and nothing beside it where that is narrow', async () => {
    await open();
    const fits = () => page.evaluate(() => [document.documentElement.scrollWidth <= innerWidth, document.documentElement.scrollHeight <= innerHeight]);
    assert.deepEqual(await fits(), [true, true]);
    await page.setViewport({ width: 360, height: 740 });
    assert.equal((await fits())[0], true);
  });

  /** The share of the canvas's pixels that are between two colours. */
  const painted = (least, most) =>
    page.$eval('#picture', (canvas, low, high) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let i = 0; i < data.length; i += 4) count += low.every((value, c) => data[i + c] >= value && data[i + c] <= high[c]);
      return count / (canvas.width * canvas.height);
    }, least, most);

  test('what the model is not fed is dark, what is transparent is white', async () => {
    await open();
    const white = { width: 60, height: 20, rgb: new Uint8Array(60 * 20 * 3).fill(255) };
    await give([{ name: 'white.png', url: `data:image/png;base64,${toPng(white).toString('base64')}` }]);
    await becomes('label', /./);
    const share = await painted([255, 255, 255], [255, 255, 255]);
    assert.ok(Math.abs(share - 1 / 3) < 0.02, `${share}`);
    const expected = await rows();
    const url = await page.evaluate(() => Object.assign(document.createElement('canvas'), { width: 60, height: 20 }).toDataURL());
    await give([{ name: 'nothing.png', url }]);
    await becomes('label', /./);
    assert.deepEqual(await rows(), expected);
    calm();
  });

  describe('trained models', { skip: existsSync(join(kShared, 'models')) ? false : `no models in ${kShared}` }, () => {
    const look = async (model, picture, label, labels) => {
      await open(`?model=/shared/models/${model}.tflite${labels ? `&labels=/shared/models/${labels}.txt` : ''}`);
      assert.equal(await text('error'), '');
      await (await page.$('#files')).uploadFile(join(kShared, 'images', picture));
      await becomes('label', /./);
      assert.match(await text('label'), label);
      calm();
    };

    test('a classifier with labels in its file', () => look('mobilenet_v2_1.0_224_quant', 'cat.bmp', /^Egyptian cat$/));

    for (const picture of ['golden-retriever', 'husky'])
      for (const [model, labels] of [['mobilenet_v2_1.0_224_quant'], ['tf2_mobilenet_v2_1.0_224_ptq', 'imagenet_labels']])
        test(`the same scores natively, in Node and here, ${picture}, ${model}`, { skip: existsSync(kCommand) ? false : `no ${kCommand}` }, async (t) => {
          await open(`?model=/shared/models/${model}.tflite${labels ? `&labels=/shared/models/${labels}.txt` : ''}`);
          const pixels = await decoded(`/shared/images/${picture}.jpeg`);
          const png = toPng(pixels);
          await give([{ name: 'picture.png', url: `data:image/png;base64,${png.toString('base64')}` }]);
          await becomes('label', /./);
          const here = await rows();
          calm();

          const folder = mkdtempSync(join(tmpdir(), 'tulle-'));
          t.after(() => rmSync(folder, { recursive: true }));
          const file = join(folder, 'picture.png');
          writeFileSync(file, png);
          const modelFile = join(kShared, 'models', `${model}.tflite`);
          const named = labels ? ['--labels', join(kShared, 'models', `${labels}.txt`)] : [];
          const told = execFileSync(kCommand, ['classify', file, '-m', modelFile, '--json', '--no-cache', ...named], { encoding: 'utf8' });
          const { top } = JSON.parse(told).images[0];
          assert.deepEqual(here.map(([label]) => label), top.map(({ label }) => label));
          assert.deepEqual(here.map(([, score]) => Math.fround(score)), top.map(({ score }) => Math.fround(score)));

          const { Tulle } = await import('../../bindings/js/dist/node.js');
          const tulle = await Tulle.load(modelFile);
          const outputs = tulle.runSync({ [tulle.inputs[0].name]: feed(pixels, tulle.inputs, preparation(tulle)) });
          const node = interpret(tulle.outputs.map(({ name }) => outputs[name]), tulle.outputs).top;
          tulle.dispose();
          assert.deepEqual(node.map(({ index }) => index), top.map(({ index }) => index));
          assert.deepEqual(node.map(({ score }) => score), here.map(([, score]) => score));
        });

    test('a detector draws boxes', async () => {
      await look('ssd_mobilenet_v1_detect', 'ssd_example.jpg', /person.*laptop|laptop.*person/, 'ssd_labelmap');
      assert.ok((await painted([233, 116, 58], [237, 120, 62])) > 0.002); // class 0
    });

    test('a segmentation draws a mask, from classes and from scores', async () => {
      await look('deeplabv3_mnv2_dm05_pascal_quant', 'bird_segmentation.bmp', /^bird/, 'pascal_voc_segmentation_labels');
      const [[ground, most], [bird, share]] = await rows();
      assert.deepEqual([ground, bird], ['background', 'bird']);
      assert.ok(most > 0.7 && share > 0.1 && share < 0.25, `${most} ${share}`);
      const green = await painted([90, 120, 0], [200, 200, 80]);
      assert.ok(green > 0.05, `${green}`);
      await look('deeplabv3_257_mv_gpu', 'cat.bmp', /^cat/, 'pascal_voc_segmentation_labels');
    });

    test('a pose draws key points and limbs', async () => {
      await look('movenet_single_pose_lightning_ptq', 'squat.bmp', /^1[4-7] of 17 key points$/);
      const lines = readFileSync(join(kShared, 'models/movenet_single_pose_lightning_ptq_reference.csv'), 'utf8').trim().split('\n');
      const points = lines.slice(1).map((line) => line.split(',').slice(-2).map(Number));
      assert.equal((await rows()).length, points.length);
      const white = await page.$eval('#picture', (canvas, all) => all.filter(([x, y]) => {
        const { data } = canvas.getContext('2d').getImageData(x * canvas.width - 12, y * canvas.height - 12, 25, 25);
        return data.filter((_, i) => i % 4 === 0 && data[i] + data[i + 1] + data[i + 2] === 3 * 255).length > 30;
      }).length, points);
      assert.ok(white >= 14, `${white} of the reference's points are drawn`);
    });

    test('one that takes no picture says so', async () => {
      await open('?model=/shared/models/text_classification.tflite');
      await sample(1);
      await becomes('error', /a picture goes into/);
      assert.equal(await text('label'), '');
    });
  });

  test('its picture', { skip: process.env.TULLE_PICTURE ? false : 'TULLE_PICTURE names none' }, async () => {
    await page.setViewport({ width: 1200, height: 720, deviceScaleFactor: 1.5 });
    await open();
    await sample(3);
    await becomes('label', /^3$/);
    await page.mouse.move(0, 0);
    await page.screenshot({ path: process.env.TULLE_PICTURE });
  });
});
