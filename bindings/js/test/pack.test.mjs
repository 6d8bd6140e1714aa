// The package as a stranger gets it: packed, installed into an empty folder, run, type-checked; and how large it is.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const kHere = fileURLToPath(new URL('..', import.meta.url));
const kDigits = fileURLToPath(new URL('../../../models/digits/digits_int8.tflite', import.meta.url));
const kBudgets = { 'tulle.wasm': 700e3, 'tulle.relaxed.wasm': 700e3, tarball: 1450e3 }; // bytes, each as gzip makes it

const folder = mkdtempSync(join(tmpdir(), 'tulle-'));
const run = (program, operands, cwd = folder) =>
  execFileSync(program, operands, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
let tarball;

before(() => {
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--silent', '--ignore-scripts', '--pack-destination', folder], kHere));
  tarball = join(folder, filename);
  writeFileSync(join(folder, 'package.json'), '{"private": true, "type": "module"}');
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball]);
});
after(() => rmSync(folder, { recursive: true }));

test('it is within its budgets', (t) => {
  const sizes = { tarball: statSync(tarball).size };
  for (const file of ['tulle.wasm', 'tulle.relaxed.wasm'])
    sizes[file] = gzipSync(readFileSync(join(kHere, 'dist', file)), { level: 9 }).length;
  for (const [what, size] of Object.entries(sizes)) {
    t.diagnostic(`${what}: ${size} bytes of ${kBudgets[what]}`);
    assert.ok(size <= kBudgets[what], `${what} takes ${size} bytes, over ${kBudgets[what]}`);
  }
});

test('it brings nothing along but itself, with every licence', () => {
  const installed = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
  assert.deepEqual(installed, ['tulle']);
  const at = (...path) => readFileSync(join(folder, 'node_modules/tulle', ...path), 'utf8');
  assert.match(at('dist/LICENSE'), /Apache License/);
  assert.match(at('dist/wasi/LICENSE-MIT'), /without restriction/);
  assert.match(at('dist/wasi/LICENSE-APACHE'), /Apache License/);
  assert.match(at('README.md'), /Tulle\.load/);
  // Every import is a file of the package, or Node's own.
  for (const file of readdirSync(join(folder, 'node_modules/tulle/dist'), { recursive: true }).filter((f) => f.endsWith('.js')))
    for (const [, from] of at('dist', file).matchAll(/(?:^|[;}\s])(?:import|from)\s*["']([^"']+)["']/g)) {
      assert.match(from, /^(\.\.?\/|node:)/, `${file} imports ${from}`);
      if (from.startsWith('node:')) assert.match(file, /node\.js$/, `${file} imports ${from}`);
    }
});

test('a script runs', () => {
  const script = `import { Tulle, TullePool, TulleError } from 'tulle';
    const model = await Tulle.load(process.argv[2]);
    const { probabilities } = await model.run({ picture: new Int8Array(64) });
    const pool = await Tulle.pool(process.argv[2], { workers: 1 });
    const again = await pool.run({ picture: new Int8Array(64) });
    pool.dispose();
    console.log(probabilities.shape.join(), String(again.probabilities.data) === String(probabilities.data),
      pool instanceof TullePool, await Tulle.load('none').catch((error) => error instanceof TulleError && error.code));`;
  writeFileSync(join(folder, 'script.mjs'), script);
  assert.equal(run(process.execPath, ['script.mjs', kDigits]), '1,10 true true NOT_FOUND\n');
});

test('types hold under tsc --strict', () => {
  const text = `import { Tulle, TulleError, TullePool, type Build, type Outputs, type TensorInfo } from 'tulle';
    export async function main(bytes: Uint8Array): Promise<Outputs> {
      using model: Tulle = await Tulle.load(bytes, { build: 'simd128', memoryLimit: 1e9 });
      const build: Build | 'custom' = model.build;
      const [input]: TensorInfo[] = model.inputs;
      const shape: number[] = input!.shape;
      model.resize({ [input!.name]: shape });
      const view = model.view(input!.name);
      view.fill(0 as never);
      const outputs = model.runSync({ x: new Float32Array(3), s: ['a'], y: { data: new BigInt64Array(1), shape: [1] } },
        { signature: 'main', profile: true });
      const ms: number = model.profile().reduce((sum, entry) => sum + entry.ms, 0);
      const pool: TullePool = await Tulle.pool(new URL('https://example.org/' + build + ms), { workers: 2 });
      try { return await pool.run({}); }
      catch (error) { if (error instanceof TulleError && error.code === 'DISPOSED') return outputs; throw error; }
      finally { pool.dispose(); }
    }
    // @ts-expect-error: numbers come in typed arrays
    export const wrong = async (model: Tulle) => model.run({ x: [1, 2] });
    // @ts-expect-error: models are loaded
    export const made = () => new Tulle();
    // @ts-expect-error: no such build
    export const odd = () => Tulle.load('x', { build: 'avx2' });`;
  writeFileSync(join(folder, 'sample.ts'), text);
  const tsc = join(kHere, 'node_modules/typescript/bin/tsc');
  for (const resolution of ['nodenext', 'bundler']) {
    const module = resolution === 'bundler' ? 'esnext' : resolution;
    const options = ['--strict', '--noEmit', '--target', 'es2022', '--module', module, '--moduleResolution', resolution];
    try {
      run(process.execPath, [tsc, ...options, 'sample.ts']);
    } catch (error) {
      assert.fail(`${resolution}: ${error.stdout}`);
    }
  }
});
