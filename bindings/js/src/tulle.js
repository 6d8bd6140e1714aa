// Tulle: a model in an instance of the engine of its own, from loading to disposal.
import { Engine } from './engine.js';
import { TulleError } from './errors.js';
import { choose } from './modules.js';
import { TullePool } from './pool.js';
import { Session } from './session.js';
import { open } from './source.js';

const kDispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

export class Tulle {
  #build;
  #engine;
  #model; // the engine's handle
  #size; // bytes of the model's file
  #memoryLimit;
  #sessions = new Map(); // by the signature's key; undefined: the main graph
  #gone; // why it can't be used any more

  /** Use Tulle.load. */
  constructor(build, engine, { at, size }, memoryLimit) {
    this.#build = build;
    this.#engine = engine;
    this.#size = size;
    this.#memoryLimit = memoryLimit;
    this.#guard(() => {
      this.#model = engine.loadModel({ at, size });
      this.#session();
    });
  }

  /** Loads a model; index.d.ts has the options. */
  static async load(source, { build, module, memoryLimit } = {}) {
    if (memoryLimit !== undefined && !(Number.isSafeInteger(memoryLimit) && memoryLimit >= 0))
      throw new TulleError('INVALID_ARGUMENT', `memoryLimit is a number of bytes, not ${memoryLimit}`);
    const [chosen, opened] = await Promise.all([choose({ build, module }), open(source)]);
    const engine = await Engine.start(chosen.module);
    return new Tulle(chosen.build, engine, await engine.place(opened), memoryLimit);
  }

  /** Loads a model into workers. */
  static pool(source, options = {}) {
    return TullePool.start(source, options);
  }

  get build() {
    return this.#build;
  }
  get disposed() {
    return this.#gone !== undefined;
  }
  get inputs() {
    return this.#guard(() => this.#session().describe('input'));
  }
  get outputs() {
    return this.#guard(() => this.#session().describe('output'));
  }
  get signatures() {
    return this.#guard(() => this.#keys().map((key) => this.#describe(key)));
  }
  get memory() {
    return this.#guard(() => {
      const all = [...this.#sessions.values()].map((session) => session.memory);
      const sum = (what) => all.reduce((total, memory) => total + memory[what], 0);
      return {
        wasm: this.#engine.buffer.byteLength,
        model: this.#size,
        arena: sum('arena'),
        packed: sum('folded'),
        variables: sum('variables'),
      };
    });
  }

  async run(inputs, options = {}) {
    return this.runSync(inputs, options);
  }
  runSync(inputs, { signature, ...options } = {}) {
    return this.#guard(() => this.#session(signature).run(inputs, options));
  }
  resize(shapes, { signature } = {}) {
    this.#guard(() => this.#session(signature).resize(shapes));
  }
  profile({ signature } = {}) {
    return this.#guard(() => this.#session(signature).profile);
  }
  view(name, { signature } = {}) {
    return this.#guard(() => this.#session(signature).view(name));
  }
  reset({ signature } = {}) {
    this.#guard(() => this.#session(signature).reset());
  }
  metadata(name) {
    return this.#guard(() => this.#engine.metadata(this.#model, name));
  }

  /** Nothing holds the instance afterwards, so all of its memory goes with it. */
  dispose() {
    this.#drop('the model is disposed of');
  }
  [kDispose]() {
    this.dispose();
  }

  #drop(why, cause) {
    if (this.#gone) return;
    this.#gone = { why, cause };
    this.#engine = this.#model = undefined;
    this.#sessions.clear();
  }

  /** Does something with the engine, or says why it can't; a trap is the model's end. */
  #guard(use) {
    if (this.#gone) throw new TulleError('DISPOSED', this.#gone.why, { cause: this.#gone.cause });
    try {
      return use();
    } catch (error) {
      if (this.#engine.dead) this.#drop(`the model is disposed of since it failed: ${error.message}`, error);
      throw error;
    }
  }

  #session(key) {
    if (!this.#sessions.has(key))
      this.#sessions.set(key, new Session(this.#engine, this.#model, key, this.#memoryLimit));
    return this.#sessions.get(key);
  }

  #keys() {
    const count = this.#engine.call('tulle_model_signature_count', this.#model);
    return Array.from({ length: count }, (_, i) =>
      this.#engine.text(this.#engine.call('tulle_model_signature_key', this.#model, i)));
  }

  // A session made for this alone does not keep its memory.
  #describe(key) {
    const own = this.#sessions.get(key);
    const session = own ?? new Session(this.#engine, this.#model, key, this.#memoryLimit);
    const description = { key, inputs: session.describe('input'), outputs: session.describe('output') };
    if (!own) session.release();
    return description;
  }
}
