// The part of TensorFlow Lite's metadata that says how to prepare a picture: a FlatBuffer of its own. Fields go by their
// numbers in TensorFlow Lite's metadata schema.

/** Tables and vectors of a FlatBuffer. Reading outside throws a RangeError. */
class Tables {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  follow(at) {
    return at + this.view.getUint32(at, true);
  }
  /** Where a field of a table lies; undefined where it is not there. */
  field(table, i) {
    const vtable = table - this.view.getInt32(table, true);
    const offset = 4 + 2 * i < this.view.getUint16(vtable, true) ? this.view.getUint16(vtable + 4 + 2 * i, true) : 0;
    return offset === 0 ? undefined : table + offset;
  }
  /** Where the elements of a vector of 4 bytes each lie. */
  items(table, i) {
    const at = this.field(table, i);
    if (at === undefined) return [];
    const start = this.follow(at);
    const count = this.view.getUint32(start, true);
    if (4 * count > this.view.byteLength) throw new RangeError('a vector longer than its buffer');
    return Array.from({ length: count }, (_, k) => start + 4 + 4 * k);
  }
  tables(table, i) {
    return this.items(table, i).map((at) => this.follow(at));
  }
  byte(table, i) {
    const at = this.field(table, i);
    return at === undefined ? 0 : this.view.getUint8(at);
  }
  text(table, i) {
    const at = this.field(table, i);
    if (at === undefined) return undefined;
    const start = this.follow(at);
    return new TextDecoder().decode(this.bytes.subarray(start + 4, start + 4 + this.view.getUint32(start, true)));
  }
}

const kNormalization = 1;
const kLabels = [2, 3]; // of an axis, of values

/** {mean, std} of the input's normalisation. */
function normalization(tables, input) {
  const step = tables.tables(input, 4).find((process) => tables.byte(process, 0) === kNormalization);
  if (step === undefined) return {};
  const at = tables.follow(tables.field(step, 1));
  const [mean, std] = [0, 1].map((i) => tables.items(at, i).map((number) => tables.view.getFloat32(number, true)));
  const fits = (list) => [1, 3].includes(list.length) && list.every(Number.isFinite);
  return fits(mean) && fits(std) && !std.includes(0) ? { mean, std } : {};
}

/** The name of the file of labels, an English one before others. */
function labelsFile(tables, outputs) {
  const files = outputs.flatMap((output) => tables.tables(output, 6)).filter((file) => kLabels.includes(tables.byte(file, 2)));
  const named = files.filter((file) => tables.text(file, 0));
  const found = named.find((file) => tables.text(file, 3) === 'en') ?? named[0];
  return found && tables.text(found, 0);
}

/**
 * What an entry TFLITE_METADATA says; nothing where it is absent or damaged.
 * @param {Uint8Array} bytes
 * @returns {{mean?: number[], std?: number[], labelsFile?: string}} the latter a file appended to the model's
 */
export function readMetadata(bytes) {
  try {
    const tables = new Tables(bytes);
    const [graph] = tables.tables(tables.follow(0), 3);
    const [input] = tables.tables(graph, 2);
    return { ...(input === undefined ? {} : normalization(tables, input)), labelsFile: labelsFile(tables, tables.tables(graph, 3)) };
  } catch {
    return {};
  }
}
