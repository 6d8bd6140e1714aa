// Workers that each hold the model, and runs that go to whichever is free.
import { copyOf, kindOf } from './dtypes.js';
import { TulleError } from './errors.js';
import { choose } from './modules.js';
import { platform } from './platform.js';
import { open } from './source.js';

const kDispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/** All of a source's bytes; in memory that workers share where there is such. */
async function collect({ chunks }) {
  const pieces = [];
  for await (const chunk of chunks) pieces.push(chunk);
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const Shared = globalThis.crossOriginIsolated !== false && globalThis.SharedArrayBuffer;
  const bytes = new Uint8Array(Shared ? new Shared(size) : new ArrayBuffer(size));
  let at = 0;
  for (const piece of pieces) bytes.set(piece, at), (at += piece.length);
  return bytes;
}

/** Copies of the inputs that can be handed over, and their buffers. The caller keeps its own. */
function parcel(inputs) {
  const buffers = [];
  const copy = (value) => {
    if (!ArrayBuffer.isView(value) || kindOf(value) === 'DataView') return value;
    const own = copyOf(value);
    buffers.push(own.buffer);
    return own;
  };
  const wrap = (value) => (kindOf(value) === 'object' ? { ...value, data: copy(value.data) } : copy(value));
  const isNamed = kindOf(inputs) === 'object';
  return [isNamed ? Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, wrap(value)])) : inputs, buffers];
}

/** A worker that has, or gets, the model. It answers one request after the other. */
class Member {
  #port = platform.startWorker();
  #waiting; // {resolve, reject} of the request it works on
  #failure; // why it is dead

  constructor(request) {
    this.#port.onMessage(({ error, dead, value }) => {
      const failure = error && new TulleError(error.code, error.message);
      if (dead) this.end(failure);
      else if (failure) this.#settle('reject', failure);
      else this.#settle('resolve', value);
    });
    this.#port.onFailure((error) => this.end(new TulleError('TRAP', `the worker failed: ${error.message}`, { cause: error })));
    this.ready = this.ask(request);
  }

  get dead() {
    return this.#failure !== undefined;
  }

  ask(request, transfer = []) {
    if (this.dead) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#port.hold(true);
      try {
        this.#port.post(request, transfer);
      } catch (error) {
        this.#settle('reject', new TulleError('INVALID_ARGUMENT', error.message, { cause: error }));
      }
    });
  }

  /** Ends the worker; what it works on, and what it is asked later, fails with this. */
  end(error) {
    if (this.dead) return;
    this.#failure = error;
    this.#port.end();
    this.#settle('reject', error);
  }

  #settle(how, value) {
    if (!this.dead) this.#port.hold(false);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.[how](value);
  }
}

export class TullePool {
  #load; // the request by which a worker gets the model
  #description;
  #members = [];
  #free = []; // positions of members without a request
  #queue = []; // of each run that waits, what to call with a position
  #gone = false;

  /** Use Tulle.pool. */
  static async start(source, { workers = platform.processors(), build, module, memoryLimit } = {}) {
    if (!(Number.isInteger(workers) && workers > 0 && workers <= 1024))
      throw new TulleError('INVALID_ARGUMENT', `workers is a number from 1 to 1024, not ${workers}`);
    const [chosen, bytes] = await Promise.all([choose({ build, module }), open(source).then(collect)]);
    const pool = new TullePool();
    pool.#load = { bytes, options: { ...chosen, memoryLimit } };
    pool.#members = Array.from({ length: workers }, (_, i) => new Member({ ...pool.#load, isFirst: i === 0 }));
    pool.#free = pool.#members.map((_, i) => i);
    const started = await Promise.allSettled(pool.#members.map((member) => member.ready));
    const failed = started.find(({ status }) => status === 'rejected');
    if (failed) {
      pool.dispose();
      throw failed.reason;
    }
    pool.#description = started[0].value;
    return pool;
  }

  get build() {
    return this.#description.build;
  }
  get inputs() {
    return structuredClone(this.#description.inputs);
  }
  get outputs() {
    return structuredClone(this.#description.outputs);
  }
  get signatures() {
    const { signatures, error } = this.#description;
    if (error) throw new TulleError(error.code, error.message);
    return structuredClone(signatures);
  }
  get workers() {
    return this.#members.length;
  }
  get disposed() {
    return this.#gone;
  }

  /** One inference, by the next worker that is free. */
  async run(inputs, { signature, outputs } = {}) {
    if (this.#gone) throw this.#disposed();
    const i = this.#free.pop() ?? (await new Promise((resolve) => this.#queue.push(resolve)));
    try {
      return await (await this.#member(i)).ask(...request(inputs, { signature, outputs }));
    } finally {
      const next = this.#queue.shift();
      if (next) next(i);
      else this.#free.push(i);
    }
  }

  dispose() {
    if (this.#gone) return;
    this.#gone = true;
    for (const member of this.#members) member.end(this.#disposed());
  }
  [kDispose]() {
    this.dispose();
  }

  #disposed() {
    return new TulleError('DISPOSED', 'the pool is disposed of');
  }

  /** The worker at a position; one that died has a successor. */
  async #member(i) {
    if (this.#gone) throw this.#disposed();
    if (this.#members[i].dead) {
      this.#members[i] = new Member(this.#load);
      await this.#members[i].ready;
    }
    return this.#members[i];
  }
}

function request(inputs, options) {
  const [copies, buffers] = parcel(inputs);
  return [{ inputs: copies, options }, buffers];
}
