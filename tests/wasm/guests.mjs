// Hosts for the guests: a command with folders, and the module that is handed its files in memory.
import path from 'node:path';
import {spawnSync} from 'node:child_process';
import {WASI} from 'node:wasi';

/** classify.wasm as its hosts use it. */
export function guest(module) {
  const wasi = new WASI({version: 'preview1'});
  const instance = new WebAssembly.Instance(module, wasi.getImportObject());
  wasi.start(instance);
  const api = instance.exports;
  const put = (bytes) => {
    const at = api.alloc(bytes.length);
    if (at !== 0) new Uint8Array(api.memory.buffer, at, bytes.length).set(bytes);
    return at;
  };
  return {
    api,
    put,
    infer: (model, picture) => api.infer_from_ptrs(put(model), model.length, put(picture), picture.length),
    memory: () => api.memory.buffer.byteLength,
  };
}

/** Runs a WASI command in a process of its own: {code, out, error}. Folders: guest path to host path. */
export function command(file, args, folders = {}, input = '', flags = []) {
  const host = path.join(import.meta.dirname, 'command.mjs');
  const run = spawnSync(process.execPath, ['--no-warnings', ...flags, host, file, JSON.stringify(folders), ...args], {input, encoding: 'utf8'});
  return {code: run.status, out: run.stdout, error: run.stderr};
}
