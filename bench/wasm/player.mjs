// One engine with one model, in a page or in a process of Node, which does what it is told. All times in milliseconds.

const TYPES = {float32: Float32Array, int8: Int8Array, uint8: Uint8Array, int32: Int32Array};
const SETTLE = 0.2;  // share of a turn that is run but not counted, after the others have had the caches
const SLOW = 50;  // a longer run needs no settling

// Every memory that engines make, since that is all they have.
const memories = new Set();
function watch_memories() {
  const note = instance => {
    for (const found of Object.values(instance.exports)) if (found instanceof WebAssembly.Memory) memories.add(found);
    return instance;
  };
  const {instantiate, instantiateStreaming, Memory, Instance} = WebAssembly;
  const noted = made => (note(made.instance ?? made), made);
  WebAssembly.instantiate = (...given) => instantiate(...given).then(noted);
  if (instantiateStreaming) WebAssembly.instantiateStreaming = (...given) => instantiateStreaming(...given).then(noted);
  WebAssembly.Instance = new Proxy(Instance, {construct: (Type, given) => note(new Type(...given))});
  WebAssembly.Memory = new Proxy(Memory, {
    construct(Type, given) {
      const memory = new Type(...given);
      memories.add(memory);
      return memory;
    },
  });
}

function median(values) {
  const ordered = [...values].sort((a, b) => a - b), half = ordered.length >> 1;
  return ordered.length % 2 ? ordered[half] : (ordered[half - 1] + ordered[half]) / 2;
}

export class Player {
  // task: {engine, build, model: address or null, input: {dtype, shape}, sets: addresses}
  constructor(host, task) {
    this.host = host;
    this.task = task;
    this.last = 0;
  }

  // Everything from nothing to the first answer. The times are since the page or the process began.
  async load() {
    watch_memories();
    const {host, task} = this, began = performance.now();
    const engine = await import(`./engines/${task.engine}.mjs`);
    await engine.load(host, task.build);
    const library = performance.now();
    const bytes = task.model && await host.bytes(task.model);
    this.model = await engine.open(host, bytes, task.input);
    const model = performance.now();
    await this.feed(task.sets[0]);
    await this.model.run();
    const first = performance.now();
    return {began, library, model, first, wasm_bytes: this.wasm_bytes()};
  }

  wasm_bytes() {
    return [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
  }

  async feed(address) {
    const bytes = await this.host.bytes(address), Type = TYPES[this.task.input.dtype];
    this.model.set(new Type(bytes.buffer, bytes.byteOffset, bytes.length / Type.BYTES_PER_ELEMENT));
  }

  // What each set of inputs gives, as numbers; the first set stays.
  async answers() {
    const found = [];
    for (const address of this.task.sets) {
      await this.feed(address);
      found.push(Array.from(await this.model.run()));
    }
    await this.feed(this.task.sets[0]);
    return found;
  }

  async timed_run() {
    const start = performance.now();
    await this.model.run();
    return this.last = performance.now() - start;
  }

  // Runs for a while.
  async turn(seconds) {
    const start = performance.now(), passed = () => performance.now() - start, times = [];
    while (this.last < SLOW && passed() < SETTLE * 1e3 * seconds) await this.timed_run();
    while (!times.length || passed() < 1e3 * seconds) times.push(await this.timed_run());
    return {median: median(times), least: Math.min(...times), runs: times.length};
  }
}
