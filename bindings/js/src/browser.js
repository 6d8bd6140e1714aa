// The package in browsers: URLs, and Web Workers.
import { use } from './platform.js';
import { get, openUrl } from './source.js';

use({
  modules: {
    simd128: new URL('./tulle.wasm', import.meta.url),
    relaxed: new URL('./tulle.relaxed.wasm', import.meta.url),
  },
  open: openUrl,
  async compile(where) {
    const response = await get(where);
    // Compiling while bytes arrive is for servers that name the type.
    const isNamed = response.headers.get('content-type')?.split(';')[0].trim() === 'application/wasm';
    return isNamed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
  },
  startWorker() {
    const worker = new Worker(new URL('./worker.browser.js', import.meta.url), { type: 'module' });
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      onMessage: (take) => (worker.onmessage = ({ data }) => take(data)),
      onFailure: (take) => {
        worker.onerror = ({ message }) => take(new Error(message || 'it could not be started'));
        worker.onmessageerror = () => take(new Error('its answer could not be read'));
      },
      hold: () => {},
      end: () => {
        worker.onmessage = worker.onerror = worker.onmessageerror = null;
        worker.terminate();
      },
    };
  },
  processors: () => navigator.hardwareConcurrency ?? 1,
});

export { TulleError } from './errors.js';
export { TullePool } from './pool.js';
export { Tulle } from './tulle.js';
