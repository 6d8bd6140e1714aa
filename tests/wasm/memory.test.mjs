// Memory that ends anywhere is an error: the same model and picture under every limit that V8 sets for them.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import path from 'node:path';
import test from 'node:test';
import {root} from './engine.mjs';

const pages = 65536, digits = path.join(root, 'models/digits');

/** The answers of a process whose modules may have so many pages. */
function under(limit) {
  const run = spawnSync(process.execPath, ['--no-warnings', `--wasm-max-mem-pages=${limit}`, path.join(import.meta.dirname, 'limited.mjs'),
    path.join(digits, 'digits_float32.tflite'), path.join(digits, 'images/7.png')], {encoding: 'utf8'});
  assert.equal(run.status, 0, `${limit} pages: ${run.stderr}`);
  return JSON.parse(run.stdout);
}

test('too little memory is an error of the engine and of classify', () => {
  const seen = new Set();
  let last;
  for (let limit = 20; limit <= 48; ++limit) {
    last = under(limit);
    for (const [name, answer] of Object.entries(last)) {
      assert.match(String(answer), /^(refused|no block|5|-3|0|8)$/, `${name} in ${limit * pages} bytes`);
      seen.add(`${name} ${answer}`);
    }
  }
  assert.deepEqual(last, {engine: 0, classify: 8});
  for (const way of ['engine 5', 'classify -3']) assert.ok(seen.has(way), `never: ${way}`);
});
