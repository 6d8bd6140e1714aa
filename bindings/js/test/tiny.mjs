// Small .tflite files made by hand.

const kTypes = [
  'float32', 'float16', 'int32', 'uint8', 'int64', 'string', 'bool', 'int16', 'complex64', 'int8', 'float64',
  'complex128', 'uint64', 'resource', 'variant', 'uint32', 'uint16', 'int4', 'bfloat16', 'int2', 'uint4',
  'float8_e4m3fn', 'float8_e5m2',
];

/**
 * The bytes of nested tables, which are arrays of fields: a number takes four bytes (smaller fields its first ones);
 * strings, typed arrays, lists (under `list`) and tables go by offset. Children follow parents.
 */
function flatbuffer(root, identifier) {
  const out = Buffer.alloc(1 << 16);
  let end = 8;
  const align = (multiple, ahead = 0) => {
    while ((end + ahead) % multiple) ++end;
  };
  const put = (number) => {
    out.writeInt32LE(number, end);
    end += 4;
  };
  const vector = (bytes, count, zero = 0) => {
    align(16, 4);
    put(count);
    out.set(bytes, end);
    end += bytes.length + zero;
    return end - zero - bytes.length - 4;
  };
  const children = (at, items) => {
    end += 4 * items.length;
    items.forEach((item, i) => item !== undefined && store(at + 4 * i, item));
  };
  const table = (fields) => {
    const present = fields.flatMap((field, i) => (field === undefined ? [] : [i]));
    align(4, 4 + 2 * fields.length);
    const vtable = end;
    out.writeUInt16LE(4 + 2 * fields.length, vtable);
    out.writeUInt16LE(4 + 4 * present.length, vtable + 2);
    present.forEach((i, k) => out.writeUInt16LE(4 + 4 * k, vtable + 4 + 2 * i));
    end += 4 + 2 * fields.length;
    const at = end;
    put(at - vtable);
    children(end, present.map((i) => fields[i]));
    return at;
  };
  const emit = (value) => {
    if (typeof value === 'string') return vector(Buffer.from(value), Buffer.byteLength(value), 1);
    if (ArrayBuffer.isView(value)) return vector(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), value.length);
    if (Array.isArray(value)) return table(value);
    align(4);
    const at = end;
    put(value.list.length);
    children(end, value.list);
    return at;
  };
  const store = (slot, value) => {
    if (typeof value === 'number') out.writeInt32LE(value, slot);
    else out.writeUInt32LE(emit(value) - slot, slot);
  };
  out.write(identifier, 4);
  store(0, root);
  return Uint8Array.from(out.subarray(0, end));
}

/**
 * A model of graphs {tensors: [{name, dtype, shape, scale, zero}], inputs, outputs, nodes: [{op, options, inputs,
 * outputs}]}; `op` is a builtin's code or a custom operator's name, `options` the kind of its options, all left to
 * their defaults. Signatures: [{key, graph, inputs: {name: tensor}, outputs}]. Metadata: {name: text}.
 */
export function model(graphs, { signatures = [], metadata = {} } = {}) {
  const ops = graphs.flatMap(({ nodes = [] }) => nodes);
  const quantization = ({ scale, zero = 0 }) =>
    scale === undefined ? undefined : [, , Float32Array.of(scale), BigInt64Array.of(BigInt(zero))];
  const tensor = (t) => [Int32Array.from(t.shape), kTypes.indexOf(t.dtype), 0, t.name, quantization(t)];
  const node = (n) => [ops.indexOf(n), Int32Array.from(n.inputs), Int32Array.from(n.outputs), n.options, n.options && []];
  const graph = ({ tensors, inputs, outputs, nodes = [] }) =>
    [{ list: tensors.map(tensor) }, Int32Array.from(inputs), Int32Array.from(outputs), { list: nodes.map(node) }];
  const code = ({ op }) => (typeof op === 'string' ? [32, op, 1, 32] : [Math.min(op, 127), undefined, 1, op]);
  const names = (all) => ({ list: Object.entries(all).map(([name, index]) => [name, index]) });
  const signature = (s) => [names(s.inputs), names(s.outputs), s.key, undefined, s.graph];
  const entries = Object.entries(metadata);
  return flatbuffer([
    3,
    { list: ops.map(code) },
    { list: graphs.map(graph) },
    'made by hand',
    { list: [[], ...entries.map(([, text]) => [Buffer.from(text)])] },
    undefined,
    { list: entries.map(([name], i) => [name, i + 1]) },
    { list: signatures.map(signature) },
  ], 'TFL3');
}

/** A model whose output 'x' is its input. */
export const identity = (dtype, shape, more) => model([{ tensors: [{ name: 'x', dtype, shape, ...more }], inputs: [0], outputs: [0] }]);

/** float32 `sum` = `a` + `b`. */
export function adder(shape, more) {
  const tensors = ['a', 'b', 'sum'].map((name) => ({ name, dtype: 'float32', shape }));
  return model([{ tensors, inputs: [0, 1], outputs: [2], nodes: [{ op: 0, options: 11, inputs: [0, 1], outputs: [2] }] }], more);
}

/** The float32 rows of `table` [2,2] by int32 `index` [1]: `row`. */
export function gatherer() {
  const tensors = [
    { name: 'table', dtype: 'float32', shape: [2, 2] },
    { name: 'index', dtype: 'int32', shape: [1] },
    { name: 'row', dtype: 'float32', shape: [1, 2] },
  ];
  return model([{ tensors, inputs: [0, 1], outputs: [2], nodes: [{ op: 36, options: 23, inputs: [0, 1], outputs: [2] }] }]);
}
