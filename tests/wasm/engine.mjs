// The modules driven directly, as a host that knows nothing but include/tulle/tulle.h would.
import fs from 'node:fs';
import path from 'node:path';
import {WASI} from 'node:wasi';

export const root = path.resolve(import.meta.dirname, '../..');
export const modules = process.env.TULLE_WASM ?? path.join(root, 'build/wasm');
export const status = {ok: 0, invalidFile: 1, unsupported: 2, invalidArgument: 3, notFound: 4, outOfMemory: 5, deadline: 7, runtime: 8};

/** A file of the build, compiled. */
export const compile = (name) => WebAssembly.compile(fs.readFileSync(path.join(modules, name)));

/** Offsets of tulle_tensor and sizes of structs in wasm32. */
const tensor = {dtype: 4, rank: 8, shape: 12, data: 56, bytes: 60, size: 64};
const errorSize = 1004, optionsSize = 24;

/** One instance of an engine module. */
export class Engine {
  constructor(module, env = {}) {
    const wasi = new WASI({version: 'preview1', env});
    const instance = new WebAssembly.Instance(module, wasi.getImportObject());
    wasi.initialize(instance);
    this.api = instance.exports;
    this.error = this.api.malloc(errorSize);
    this.out = this.api.malloc(tensor.size);
  }

  get view() { return new DataView(this.api.memory.buffer); }
  get bytes() { return new Uint8Array(this.api.memory.buffer); }

  text(at) {
    const bytes = this.bytes;
    return Buffer.from(bytes.subarray(at, bytes.indexOf(0, at))).toString();
  }

  message() { return this.text(this.error + 4); }

  /** A copy of the bytes in the module, aligned to 64; null where there is no memory. */
  put(bytes) {
    const block = this.api.malloc(bytes.length + 64);
    if (block === 0) return null;
    const at = (block + 63) & ~63;
    this.bytes.set(bytes, at);
    return {block, at, size: bytes.length};
  }

  /** [status, model]. */
  load(file) {
    const code = this.api.tulle_model_load_memory(file.at, file.size, this.out, this.error);
    return [code, code === 0 ? this.view.getUint32(this.out, true) : 0];
  }

  /** [status, session]. */
  create(model, memoryLimit = 0) {
    const options = this.api.malloc(optionsSize);
    this.bytes.fill(0, options, options + optionsSize);
    this.view.setBigUint64(options + 8, BigInt(memoryLimit), true);
    const code = this.api.tulle_session_create(model, options, this.out, this.error);
    this.api.free(options);
    return [code, code === 0 ? this.view.getUint32(this.out, true) : 0];
  }

  port(code) {
    if (code !== 0) throw new Error(`status ${code}`);
    const view = this.view, at = this.out;
    const shape = Array.from({length: view.getInt32(at + tensor.rank, true)}, (_, i) => view.getInt32(at + tensor.shape + 4 * i, true));
    return {dtype: view.getInt32(at + tensor.dtype, true), shape, data: view.getUint32(at + tensor.data, true), bytes: view.getUint32(at + tensor.bytes, true)};
  }

  input(session, i) { return this.port(this.api.tulle_session_input(session, i, this.out)); }
  output(session, i) { return this.port(this.api.tulle_session_output(session, i, this.out)); }
}

/** Numbers from 0 to below `n`, the same for the same seed (mulberry32). */
export function generator(seed) {
  return (n) => {
    seed = (seed + 0x6D2B79F5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), seed | 1);
    x = (x + Math.imul(x ^ (x >>> 7), x | 61)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) % n;
  };
}

/** The files below a folder of the repository. */
export function files(folder) {
  return fs.readdirSync(path.join(root, folder), {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
