// The package in Node: files besides URLs, and worker threads.
import { open as openFile, readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { TulleError } from './errors.js';
import { use } from './platform.js';
import { get, openUrl } from './source.js';

const kChunk = 1 << 20; // bytes

/** The path that a file: URL or a string names; undefined for other URLs. A scheme has two letters or more. */
function pathOf(where) {
  const text = String(where);
  if (/^file:/i.test(text)) return fileURLToPath(text);
  return where instanceof URL || /^[a-z][a-z0-9+.-]+:/i.test(text) ? undefined : text;
}

/** Does something with a path; what the system says against it comes as our error. */
async function onPath(path, act) {
  try {
    return await act(path);
  } catch (cause) {
    throw new TulleError(cause.code === 'ENOENT' ? 'NOT_FOUND' : 'IO', `${path}: ${cause.message}`, { cause });
  }
}

async function* pieces(path) {
  const file = await onPath(path, openFile);
  try {
    for (;;) {
      const { bytesRead, buffer } = await onPath(path, () => file.read(new Uint8Array(kChunk), 0, kChunk));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

use({
  modules: {
    simd128: new URL('./tulle.wasm', import.meta.url),
    relaxed: new URL('./tulle.relaxed.wasm', import.meta.url),
  },
  async open(where) {
    const path = pathOf(where);
    if (path === undefined) return openUrl(where);
    return { size: (await onPath(path, stat)).size, chunks: pieces(path) };
  },
  async compile(where) {
    const path = pathOf(where);
    return WebAssembly.compile(path === undefined ? await (await get(where)).arrayBuffer() : await onPath(path, readFile));
  },
  startWorker() {
    const worker = new Worker(new URL('./worker.node.js', import.meta.url), { execArgv: [] });
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      onMessage: (take) => worker.on('message', take),
      onFailure: (take) => {
        worker.on('error', take);
        worker.on('messageerror', take);
        worker.on('exit', (code) => take(new Error(`it ended with code ${code}`)));
      },
      hold: (busy) => (busy ? worker.ref() : worker.unref()),
      end: () => {
        worker.removeAllListeners();
        worker.on('error', () => {}); // of no interest any more
        worker.terminate();
      },
    };
  },
  processors: availableParallelism,
});

export { TulleError } from './errors.js';
export { TullePool } from './pool.js';
export { Tulle } from './tulle.js';
