// One instance of the engine: its memory, calls into it, and what becomes of calls that trap.
import { kDTypes } from './dtypes.js';
import { TulleError, engineError } from './errors.js';
import WASI from './wasi/wasi.js'; // the shim, put there by build.mjs

const kAlignment = 64; // bytes; the engine reads weights where they are
const kMinimum = 1 << 16; // bytes; the first block where it is not known how many come
const kPage = 1 << 16; // bytes
const kMaxRank = 8;

// Structures of include/tulle/tulle.h as wasm32 lays them out: offsets in bytes.
const kError = { message: 4, size: 1004 };
const kTensor = { name: 0, dtype: 4, rank: 8, shape: 12, scale: 44, zeroPoint: 48, data: 56, bytes: 60, size: 64 };
const kOptions = { signature: 0, threads: 4, memoryLimit: 8, timeNodes: 16, size: 24 };
const kTiming = { graph: 0, node: 4, op: 8, nanoseconds: 16, size: 24 };
const kMemory = { arena: 0, folded: 16, variables: 24, size: 32 };
const kScratch = 1008; // room for any of them: an error is the largest

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A started instance. After a trap it is dead, and every call says so. */
export class Engine {
  #exports;
  #view; // over the memory; made anew where the memory has grown
  #scratch;
  #failure; // why it is dead

  /** Set while a run's nodes are to be timed; else the clock stands still, and a node costs two empty calls. */
  timing = false;

  /** @param {WebAssembly.Module} module */
  static async start(module) {
    const engine = new Engine();
    const wasi = new WASI([], [], [], { debug: false }); // without descriptors nothing can be read or printed
    const clock = wasi.wasiImport.clock_time_get;
    const imports = {
      ...wasi.wasiImport,
      clock_time_get(id, precision, at) {
        if (engine.timing) return clock(id, precision, at);
        engine.view.setBigUint64(at >>> 0, 0n, true);
        return 0;
      },
    };
    try {
      const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: imports });
      engine.#exports = instance.exports;
      wasi.initialize(instance);
      engine.#scratch = engine.allocate(kScratch);
    } catch (error) {
      throw engine.#fail(error);
    }
    return engine;
  }

  /** The memory as bytes and numbers; valid until the next call. */
  get view() {
    const { buffer } = this.#exports.memory;
    if (this.#view?.buffer !== buffer) this.#view = new DataView(buffer);
    return this.#view;
  }
  get buffer() {
    return this.#exports.memory.buffer;
  }
  bytes(at, size) {
    return new Uint8Array(this.buffer, at, size);
  }

  /** Calls an export; what it throws kills the engine. */
  call(name, ...operands) {
    if (this.#failure) throw this.#failure;
    try {
      return this.#exports[name](...operands);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Whether it can't be used any more. */
  get dead() {
    return this.#failure !== undefined;
  }
  giveUp(error) {
    this.#failure ??= error;
  }

  #fail(error) {
    if (error instanceof TulleError) return error;
    if (error instanceof WebAssembly.LinkError) return new TulleError('UNSUPPORTED', error.message, { cause: error });
    // Where memory can't grow by a little, it is what the engine was out of: its C++ ends by a trap then.
    const full = error instanceof RangeError && !this.#exports;
    this.#failure = full || (this.#exports && !this.#grows())
      ? new TulleError('OUT_OF_MEMORY', `the engine ran out of memory (${error.message})`, { cause: error })
      : new TulleError('TRAP', `the engine failed: ${error.message}`, { cause: error });
    return this.#failure;
  }
  #grows() {
    try {
      this.#exports.memory.grow((16 << 20) / kPage);
      return true;
    } catch {
      return false;
    }
  }

  /** The address of that many bytes, aligned to 16. */
  allocate(size) {
    const at = this.call('malloc', size) >>> 0;
    if (at === 0 && size > 0) throw new TulleError('OUT_OF_MEMORY', `no memory for ${size} bytes`);
    return at;
  }
  free(at) {
    this.call('free', at);
  }

  /** Gives `use` the address of a copy of the bytes, which is gone afterwards. */
  withCopy(bytes, use) {
    const at = this.allocate(bytes.length);
    try {
      this.bytes(at, bytes.length).set(bytes);
      return use(at);
    } finally {
      if (!this.dead) this.free(at);
    }
  }
  withText(text, use) {
    return this.withCopy(encoder.encode(`${text}\0`), use);
  }

  /** The text at an address, to its zero. */
  text(at) {
    const bytes = new Uint8Array(this.buffer, at >>> 0);
    return decoder.decode(bytes.subarray(0, bytes.indexOf(0)));
  }

  /**
   * Puts bytes into memory, aligned, to stay there.
   * @param {import('./source.js').Source} source
   * @returns {Promise<{at: number, size: number}>}
   */
  async place({ size: announced, chunks }) {
    let capacity = Math.max(announced ?? kMinimum, 1);
    let block = this.allocate(capacity + kAlignment);
    const start = () => Math.ceil(block / kAlignment) * kAlignment;
    let size = 0;
    for await (const chunk of chunks) {
      if (size + chunk.length > capacity) {
        capacity = Math.max(size + chunk.length, 2 * capacity);
        const [from, old] = [start(), block];
        block = this.allocate(capacity + kAlignment);
        this.bytes(start(), size).set(this.bytes(from, size));
        this.free(old);
      }
      this.bytes(start() + size, chunk.length).set(chunk);
      size += chunk.length;
    }
    return { at: start(), size };
  }

  /** Reads a model from memory; the bytes stay in use. Returns its handle. */
  loadModel({ at, size }) {
    return this.#made('tulle_model_load_memory', at, size);
  }

  /** Makes a session; without a signature, of the main graph. Returns its handle. */
  createSession(model, signature, memoryLimit) {
    const create = (key) => {
      const options = this.allocate(kOptions.size);
      try {
        this.bytes(options, kOptions.size).fill(0);
        this.view.setUint32(options + kOptions.signature, key, true);
        this.view.setBigUint64(options + kOptions.memoryLimit, BigInt(memoryLimit ?? 0), true);
        this.view.setInt32(options + kOptions.timeNodes, 1, true);
        return this.#made('tulle_session_create', model, options);
      } finally {
        if (!this.dead) this.free(options);
      }
    };
    return signature === undefined ? create(0) : this.withText(signature, create);
  }

  /** Calls what makes an object: its operands, where the handle goes, where the error goes. */
  #made(name, a, b) {
    const handle = this.allocate(4);
    try {
      const status = this.call(name, a, b, handle, this.#scratch);
      if (status !== 0) throw engineError(status, this.text(this.#scratch + kError.message));
      return this.view.getUint32(handle, true);
    } finally {
      if (!this.dead) this.free(handle);
    }
  }

  /** Calls a function of a session that gives a status. */
  session(name, session, ...operands) {
    const status = this.call(name, session, ...operands);
    if (status !== 0) throw engineError(status, this.text(this.call('tulle_session_error', session)));
  }

  /** What input or output i is at the moment, under the name it goes by. */
  tensor(side, session, i, name) {
    this.session(`tulle_session_${side}`, session, i, this.#scratch);
    const view = this.view;
    const at = (offset) => this.#scratch + offset;
    const rank = Math.min(view.getInt32(at(kTensor.rank), true), kMaxRank);
    return {
      i,
      name,
      nameAt: view.getUint32(at(kTensor.name), true),
      dtype: kDTypes[view.getInt32(at(kTensor.dtype), true)],
      shape: Array.from({ length: rank }, (_, d) => view.getInt32(at(kTensor.shape + 4 * d), true)),
      scale: view.getFloat32(at(kTensor.scale), true),
      zeroPoint: Number(view.getBigInt64(at(kTensor.zeroPoint), true)),
      data: view.getUint32(at(kTensor.data), true),
      bytes: view.getUint32(at(kTensor.bytes), true),
    };
  }

  resize(session, i, shape) {
    shape.forEach((dim, d) => this.view.setInt32(this.#scratch + 4 * d, dim, true));
    this.session('tulle_session_resize', session, i, this.#scratch, shape.length);
  }

  /** Times of a session's last run. */
  timings(session) {
    return Array.from({ length: this.call('tulle_session_timing_count', session) }, (_, i) => {
      this.session('tulle_session_timing', session, i, this.#scratch);
      const view = this.view;
      return {
        op: this.text(view.getUint32(this.#scratch + kTiming.op, true)),
        graph: view.getInt32(this.#scratch + kTiming.graph, true),
        node: view.getInt32(this.#scratch + kTiming.node, true),
        ms: Number(view.getBigInt64(this.#scratch + kTiming.nanoseconds, true)) / 1e6,
      };
    });
  }

  /** What a session holds, in bytes. */
  memory(session) {
    this.call('tulle_session_memory', session, this.#scratch);
    const number = (offset) => Number(this.view.getBigUint64(this.#scratch + offset, true));
    return { arena: number(kMemory.arena), folded: number(kMemory.folded), variables: number(kMemory.variables) };
  }

  /** A copy of a metadata entry; null where there is none. */
  metadata(model, name) {
    return this.withText(name, (text) => {
      const at = this.call('tulle_model_metadata', model, text, this.#scratch) >>> 0;
      return at === 0 ? null : this.bytes(at, this.view.getUint32(this.#scratch, true)).slice();
    });
  }
}
