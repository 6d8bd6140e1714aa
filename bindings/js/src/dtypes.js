// Element types: how each looks in JavaScript, and how many elements a shape has of it.

/**
 * By the engine's number of the type: its name, the array that holds it and the bits of an element. Types below 8 bits
 * are packed, low bits first; complex ones are pairs. Strings are arrays of strings, and variants have no contents.
 */
export const kDTypes = [
  ['float32', Float32Array, 32],
  ['float16', Uint16Array, 16],
  ['int32', Int32Array, 32],
  ['uint8', Uint8Array, 8],
  ['int64', BigInt64Array, 64],
  ['string', Array, 0],
  ['bool', Uint8Array, 8],
  ['int16', Int16Array, 16],
  ['complex64', Float32Array, 64],
  ['int8', Int8Array, 8],
  ['float64', Float64Array, 64],
  ['complex128', Float64Array, 128],
  ['uint64', BigUint64Array, 64],
  ['resource', Int32Array, 32],
  ['variant', Uint8Array, 0],
  ['uint32', Uint32Array, 32],
  ['uint16', Uint16Array, 16],
  ['int4', Uint8Array, 4],
  ['bfloat16', Uint16Array, 16],
  ['int2', Uint8Array, 2],
  ['uint4', Uint8Array, 4],
  ['float8_e4m3fn', Uint8Array, 8],
  ['float8_e5m2', Uint8Array, 8],
].map(([name, array, bits]) => ({ name, array, bits, isText: array === Array }));

/** What an array calls itself, whichever realm made it: 'Float32Array', 'Array', or the word for what it is instead. */
export function kindOf(value) {
  if (Array.isArray(value)) return 'Array';
  if (ArrayBuffer.isView(value)) return value[Symbol.toStringTag] ?? 'DataView';
  return value === null ? 'null' : typeof value;
}

/** The length of the array that holds a tensor of this type and shape. */
export function lengthOf(dtype, shape) {
  const elements = shape.reduce((product, dim) => product * dim, 1);
  return dtype.isText ? elements : Math.ceil((elements * dtype.bits) / 8) / dtype.array.BYTES_PER_ELEMENT;
}

/** A copy of a typed array with a buffer of its own, as the plain type even where it is a Buffer. */
export const copyOf = (array) => new globalThis[array[Symbol.toStringTag]](array);
