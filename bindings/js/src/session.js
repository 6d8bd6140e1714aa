// One signature of a model, made runnable: inputs are checked before the engine sees any of them.
import { decodeStrings, encodeStrings } from './strings.js';
import { kindOf, lengthOf } from './dtypes.js';
import { invalid } from './errors.js';

const kMaxRank = 8;

/** Tensors' names; one that is empty or taken by an earlier tensor is its position instead. */
function distinct(names) {
  const taken = new Set(names);
  const seen = new Set();
  return names.map((name, i) => {
    let own = name;
    if (name === '' || seen.has(name)) for (own = `${i}`; taken.has(own) || seen.has(own); ) own += '_';
    seen.add(own);
    return own;
  });
}

const isSame = (a, b) => a.length === b.length && a.every((dim, i) => dim === b[i]);
const shown = (dtype, shape) => `${dtype.name} [${shape.join(',')}]`;
const list = (names) => names.map((name) => `'${name}'`).join(', ') || 'none';

export class Session {
  #engine;
  #handle;
  #names; // of inputs and outputs, by side
  #profile = [];

  /** @param {import('./engine.js').Engine} engine */
  constructor(engine, model, signature, memoryLimit) {
    this.#engine = engine;
    this.#handle = engine.createSession(model, signature, memoryLimit);
    this.#names = Object.fromEntries(
      ['input', 'output'].map((side) => {
        const length = engine.call(`tulle_session_${side}_count`, this.#handle);
        const name = (_, i) => engine.text(engine.tensor(side, this.#handle, i).nameAt);
        return [side, distinct(Array.from({ length }, name))];
      }),
    );
  }

  /** Inputs or outputs as they are now. */
  tensors(side) {
    return this.#names[side].map((name, i) => this.#engine.tensor(side, this.#handle, i, name));
  }

  /** What users see of them. */
  describe(side) {
    return this.tensors(side).map(({ name, dtype, shape, scale, zeroPoint }) => ({
      name, dtype: dtype.name, shape, scale, zeroPoint,
    }));
  }

  /**
   * One inference.
   * @param {Record<string, unknown>} inputs
   * @param {{outputs?: string[], profile?: boolean}} options
   */
  run(inputs, { outputs, profile = false }) {
    const wanted = this.#wanted(outputs);
    const given = this.#given(inputs);
    const tensors = this.#reshape(given) ? this.tensors('input') : given.map(({ tensor }) => tensor);
    given.forEach(({ data }, i) => data && this.#fill(tensors[i], data));
    this.#engine.timing = profile;
    try {
      this.#engine.session('tulle_session_run', this.#handle);
    } finally {
      this.#engine.timing = false;
    }
    if (profile) this.#profile = this.#engine.timings(this.#handle);
    return Object.fromEntries(wanted.map((i) => [this.#names.output[i], this.#take(i)]));
  }

  /** Gives inputs other shapes; all of them or, where the model can't take them, none. */
  resize(shapes) {
    this.#known('input', shapes);
    const tensors = this.tensors('input');
    this.#reshape(
      tensors
        .filter(({ name }) => Object.hasOwn(shapes, name))
        .map((tensor) => ({ tensor, shape: this.#shape(tensor, shapes[tensor.name]) })),
    );
  }

  /** The memory of an input or output as an array. */
  view(name) {
    const side = this.#names.input.includes(name) ? 'input' : 'output';
    const i = this.#names[side].indexOf(name);
    if (i < 0) throw invalid(`there is no input or output '${name}'; there are ${list(Object.values(this.#names).flat())}`);
    const tensor = this.#engine.tensor(side, this.#handle, i, name);
    if (tensor.dtype.isText) throw invalid(`${side} '${name}' is of strings, which have no view`);
    if (tensor.data === 0 && tensor.bytes > 0) throw invalid(`${side} '${name}' has no memory before the first run`);
    return this.#array(tensor);
  }

  get profile() {
    return this.#profile.map((entry) => ({ ...entry }));
  }
  get memory() {
    return this.#engine.memory(this.#handle);
  }
  reset() {
    this.#engine.call('tulle_session_reset_variables', this.#handle);
  }
  release() {
    this.#engine.call('tulle_session_release', this.#handle);
  }

  #array({ dtype, data, bytes }) {
    return new dtype.array(this.#engine.buffer, bytes === 0 ? 0 : data, bytes / dtype.array.BYTES_PER_ELEMENT);
  }

  /** Refuses what is no object of inputs by name, and names that there are not. */
  #known(side, named) {
    if (kindOf(named) !== 'object') throw invalid(`${side}s are given by name; there are ${list(this.#names[side])}`);
    for (const name of Object.keys(named))
      if (!this.#names[side].includes(name))
        throw invalid(`there is no ${side} '${name}'; there are ${list(this.#names[side])}`);
  }

  #wanted(outputs) {
    if (outputs === undefined) return this.#names.output.map((_, i) => i);
    if (kindOf(outputs) !== 'Array') throw invalid(`outputs to copy are an array of names; there are ${list(this.#names.output)}`);
    this.#known('output', Object.fromEntries(outputs.map((name) => [name])));
    return outputs.map((name) => this.#names.output.indexOf(name));
  }

  /** Each input's tensor with the data and shape given for it, checked. */
  #given(inputs) {
    this.#known('input', inputs);
    return this.tensors('input').map((tensor) => {
      const { name, dtype } = tensor;
      if (!Object.hasOwn(inputs, name) || inputs[name] === undefined)
        throw invalid(`input '${name}' is missing: expected ${shown(dtype, tensor.shape)}`);
      const value = inputs[name];
      const bare = kindOf(value) !== 'object';
      const data = bare ? value : value.data;
      const shape = bare || value.shape === undefined ? tensor.shape : this.#shape(tensor, value.shape);
      const refuse = (expected, found) => invalid(`input '${name}': expected ${expected}, found ${found}`);
      if (kindOf(data) !== dtype.array.name)
        throw refuse(`${dtype.isText ? 'string[]' : dtype.array.name} for ${shown(dtype, shape)}`, kindOf(data));
      const length = lengthOf(dtype, shape);
      if (data.length !== length) throw refuse(`${length} elements for ${shown(dtype, shape)}`, data.length);
      const odd = dtype.isText ? data.findIndex((text) => typeof text !== 'string') : -1;
      if (odd >= 0) throw refuse('strings', `${kindOf(data[odd])} at ${odd}`);
      return { tensor, data, shape };
    });
  }

  #shape({ name }, shape) {
    const fits = (dim) => Number.isInteger(dim) && dim >= 0 && dim < 2 ** 31;
    const dims = kindOf(shape).endsWith('Array') ? Array.from(shape) : undefined;
    if (!dims || dims.length > kMaxRank || !dims.every(fits))
      throw invalid(`input '${name}': expected a shape of up to ${kMaxRank} whole numbers, found ${dims ? `[${dims}]` : kindOf(shape)}`);
    return dims;
  }

  /** Resizes what differs; true where something did. */
  #reshape(given) {
    const changed = given.filter(({ tensor, shape }) => !isSame(tensor.shape, shape));
    this.#keep(given, changed.length > 0);
    if (changed.length === 0) return false;
    const apply = (shapeOf) => {
      for (const item of changed) this.#engine.resize(this.#handle, item.tensor.i, shapeOf(item));
      this.#engine.session('tulle_session_prepare', this.#handle);
    };
    try {
      apply(({ shape }) => shape);
    } catch (error) {
      this.#undo(() => apply(({ tensor }) => tensor.shape));
      if (error.code !== 'INVALID_FILE') throw error;
      // To the engine a shape that no node takes is the file's fault.
      const asked = changed.map(({ tensor, shape }) => `input '${tensor.name}' as [${shape}]`).join(', ');
      throw invalid(`the model can't take ${asked}: ${error.message}`);
    }
    return true;
  }

  /** Takes data out of the engine's memory before that changes; a view of the input itself needs no copy at all. */
  #keep(given, moves) {
    for (const item of given) {
      if (item.data?.buffer !== this.#engine.buffer) continue;
      const stays = !moves && item.data.byteOffset === item.tensor.data;
      item.data = stays ? undefined : item.data.slice();
    }
  }

  /** Goes back to shapes that were good; an engine that has no memory left even for those is of no use. */
  #undo(apply) {
    if (this.#engine.dead) return;
    try {
      apply();
    } catch (error) {
      this.#engine.giveUp(error);
    }
  }

  #fill(tensor, data) {
    if (tensor.dtype.isText) {
      const bytes = encodeStrings(data);
      this.#engine.withCopy(bytes, (at) =>
        this.#engine.session('tulle_session_set_input', this.#handle, tensor.i, at, bytes.length));
      return;
    }
    if (tensor.bytes === 0) return;
    if (tensor.data === 0) throw invalid(`input '${tensor.name}' has no memory`);
    this.#array(tensor).set(data);
  }

  #take(i) {
    const tensor = this.#engine.tensor('output', this.#handle, i);
    const { dtype, shape, data, bytes } = tensor;
    const copy = dtype.isText ? decodeStrings(this.#engine.bytes(data, bytes)) : this.#array(tensor).slice();
    return { data: copy, dtype: dtype.name, shape };
  }
}
