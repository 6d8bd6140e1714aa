// The golden vectors on each build. Where relaxed vectors are behind a flag, another process has it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { hasRelaxed } from '../dist/modules.js';
import { operators, runGolden } from './golden.mjs';

const kFlag = '--experimental-wasm-relaxed-simd';

test('golden vectors: simd128', async (t) => {
  const { cases, wrong } = await runGolden('simd128', await operators());
  assert.deepEqual(wrong, []);
  assert.ok(cases > 4000, `${cases}`);
  t.diagnostic(`${cases} cases`);
});

test('golden vectors: relaxed', async (t) => {
  const program = fileURLToPath(new URL('golden.mjs', import.meta.url));
  const flags = hasRelaxed() ? process.execArgv.filter((flag) => flag === kFlag) : [kFlag];
  const run = promisify(execFile)(process.execPath, [...flags, program, 'relaxed'], { maxBuffer: 1 << 26 });
  const { stdout } = await run.catch((error) => error);
  if (/UNSUPPORTED|bad option/.test(stdout)) return t.skip('this Node runs no relaxed vectors');
  assert.match(stdout, /^relaxed: [4-9]\d{3} cases, 0 differ\n$/);
});
