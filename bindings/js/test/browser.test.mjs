// The package in a browser: dist/ as it is behind a plain server, without a bundler. CHROME names the browser.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Tulle } from '../dist/node.js';

const kRoot = fileURLToPath(new URL('../../../', import.meta.url));
const kDigits = 'models/digits/digits_int8.tflite';
const kTypes = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html' };
const kIsolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
const kTimeout = 300e3; // ms

// Runs in the page, which sends what it found.
const kPage = `<!doctype html><script type="module">
  const found = { isolated: crossOriginIsolated };
  try {
    const { Tulle } = await import('/bindings/js/dist/browser.js');
    const picture = Int8Array.from({ length: 64 }, (_, i) => i * 3 - 96);
    for (const build of ['simd128', undefined]) {
      const model = await Tulle.load('/${kDigits}', { build });
      found[build ?? 'default'] = { build: model.build, data: [...(await model.run({ picture })).probabilities.data] };
      model.runSync({ picture }, { profile: true });
      found.nodes = model.profile().length;
      model.dispose();
    }
    const pool = await Tulle.pool(new URL('/${kDigits}', location), { workers: 2, build: 'simd128' });
    found.pool = (await Promise.all([1, 2, 3].map(() => pool.run({ picture })))).map(({ probabilities }) => [...probabilities.data]);
    found.wrong = await pool.run({}).catch(({ code, message }) => code + ' ' + message);
    pool.dispose();
    found.missing = await Tulle.load('/none').catch(({ code }) => code);
  } catch (error) {
    found.error = error.stack;
  }
  await fetch('/found', { method: 'POST', body: JSON.stringify(found) });
</script>`;

function browser() {
  if (process.env.CHROME) return process.env.CHROME;
  for (const name of ['chromium', 'google-chrome', 'chromium-browser'])
    try {
      return execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      // The next one, then.
    }
  return undefined;
}

/** What the page finds, served with these headers. */
async function visit(program, headers) {
  const { promise, resolve, reject } = withResolvers();
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, 'http://localhost').pathname);
    if (path === '/found') {
      let text = '';
      request.on('data', (piece) => (text += piece)).on('end', () => resolve(JSON.parse(text)));
      return response.end();
    }
    const file = join(kRoot, path);
    if (path !== '/' && !existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': kTypes[path === '/' ? '.html' : extname(path)] ?? 'application/octet-stream', ...headers });
    return path === '/' ? response.end(kPage) : createReadStream(file).pipe(response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const profile = mkdtempSync(join(tmpdir(), 'tulle-'));
  const options = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`];
  const child = spawn(program, [...options, `http://127.0.0.1:${server.address().port}/`], { stdio: 'ignore', detached: true });
  const ended = new Promise((done) => child.on('exit', done));
  const timer = setTimeout(() => reject(new Error('the browser did not answer')), kTimeout);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    process.kill(-child.pid, 'SIGKILL'); // The browser's children, too, which write to the profile until they end.
    await ended;
    server.closeAllConnections();
    server.close();
    discard(profile);
  }
}

/** Removes a folder; one that a dying process still writes to is left to the system, whose temporary files these are. */
function discard(folder) {
  try {
    rmSync(folder, { recursive: true });
  } catch (error) {
    if (error.code !== 'ENOTEMPTY') throw error;
  }
}

function withResolvers() {
  const all = {};
  all.promise = new Promise((resolve, reject) => Object.assign(all, { resolve, reject }));
  return all;
}

const program = browser();
const skip = program ? false : 'no browser; CHROME may name one';
for (const [what, headers] of [['alone', {}], ['isolated from other origins', kIsolation]])
  test(`a page, ${what}`, { skip }, async (t) => {
    const found = await visit(program, headers);
    assert.equal(found.error, undefined, found.error);
    const model = await Tulle.load(join(kRoot, kDigits));
    const data = [...model.runSync({ picture: Int8Array.from({ length: 64 }, (_, i) => i * 3 - 96) }).probabilities.data];
    assert.equal(found.isolated, headers === kIsolation);
    assert.deepEqual(found.simd128, { build: 'simd128', data });
    assert.deepEqual(found.default.data, data);
    t.diagnostic(`default build: ${found.default.build}`);
    assert.equal(found.nodes, 8);
    assert.deepEqual(found.pool, [data, data, data]);
    assert.match(found.wrong, /^INVALID_ARGUMENT .*'picture' is missing/);
    assert.equal(found.missing, 'NOT_FOUND');
  });
