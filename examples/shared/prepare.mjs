// What a model wants of a picture, from its metadata, and the picture as its input (docs/metadata.md has the rules).
import { readMetadata } from './metadata.mjs';
import { crop, gray, resample } from './pixels.mjs';

/** The defaults of TULLE_PREPARE, and those of a model without it: the whole picture, stretched. */
const kOwn = { labels: [], fit: 'square', crop: 1, resample: 'bilinear', antialias: true, invert: false, mean: [0], std: [1] };
const kOther = { ...kOwn, fit: 'stretch', mean: undefined, std: undefined };

const isNumbers = (list) => Array.isArray(list) && list.length >= 1 && list.length <= 3 && list.every(Number.isFinite);
const isOneOf = (...words) => (value) => words.includes(value);
const isFlag = isOneOf(true, false);

/** Which values a key of TULLE_PREPARE can have. */
const kKeys = {
  labels: (value) => Array.isArray(value) && value.every((label) => typeof label === 'string'),
  channels: isOneOf('rgb', 'gray'),
  fit: isOneOf('square', 'stretch'),
  crop: (value) => typeof value === 'number' && value > 0 && value <= 1,
  resample: isOneOf('bilinear', 'bicubic', 'area'),
  antialias: isFlag,
  invert: isFlag,
  mean: isNumbers,
  std: (value) => isNumbers(value) && !value.includes(0),
};

/** A JSON object's text as the object; undefined where it is none. */
function parse(bytes) {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes));
    return value && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * How to prepare a picture for a model, and its labels; `labelsFile` names the file appended to the model that has them
 * instead. Throws where TULLE_PREPARE is not as docs/metadata.md has it.
 */
export function preparation(model) {
  const own = model.metadata('TULLE_PREPARE');
  if (own?.length) {
    const given = parse(own);
    if (!given) throw new Error('its metadata TULLE_PREPARE is no JSON object');
    const wrong = Object.keys(given).find((key) => !Object.hasOwn(kKeys, key) || !kKeys[key](given[key]));
    if (wrong !== undefined) throw new Error(`its metadata TULLE_PREPARE: "${wrong}" is unknown, or its value is none it can have`);
    return { ...kOwn, ...given };
  }
  const { mean, std, labelsFile } = readMetadata(model.metadata('TFLITE_METADATA') ?? new Uint8Array());
  return { ...kOther, labelsFile, ...(model.inputs[0]?.dtype === 'float32' ? { mean, std } : {}) };
}

/** The part of a picture that the model looks at, in pixels: {x, y, width, height}. */
export function middle({ width, height }, { fit, crop: share }) {
  if (fit === 'stretch') return { x: 0, y: 0, width, height };
  const side = Math.max(1, Math.floor(Math.min(width, height) * share + 0.5));
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), width: side, height: side };
}

const f32 = Math.fround;

/** Values 0 to 255 as an input's codes or numbers, by its type. */
const kFeeds = {
  float32: (values, { mean = [127.5], std = [127.5] }) =>
    Float32Array.from(values, (p, i) => f32(p - f32(mean[i % mean.length])) / f32(std[i % std.length])),
  uint8: (values, p, input) => Uint8Array.from(codes(values, p, input, 0)),
  int8: (values, p, input) => Int8Array.from(codes(values, p, input, -128)),
};

function codes(values, { mean, std }, { scale, zeroPoint }, low) {
  return Int16Array.from(values, !mean ? (p) => p + low : (p, i) => {
    const real = f32(f32(p - f32(mean[i % mean.length])) / f32(std[i % std.length]));
    const steps = f32(real / scale);
    const code = Math.sign(steps) * Math.round(Math.abs(steps)) + zeroPoint; // halves away from zero
    return Math.min(Math.max(code, low), low + 255);
  });
}

/** Throws where a picture can't become the only input of the model. */
function check(inputs, { mean, std, channels: wanted }) {
  if (inputs.length !== 1) throw new Error(`the model has ${inputs.length} inputs, not one picture`);
  const [{ name, dtype, shape, scale }] = inputs;
  const [count, , , channels] = shape;
  const wrong = (what) => { throw new Error(`input '${name}' is ${dtype} [${shape}]: ${what}`); };
  if (shape.length !== 4 || count !== 1 || ![1, 3].includes(channels)) wrong('a picture goes into [1,H,W,1 or 3]');
  if (!kFeeds[dtype]) wrong(`a picture goes into ${Object.keys(kFeeds).join(', ')}`);
  if (wanted === (channels === 1 ? 'rgb' : 'gray')) wrong('its metadata wants another number of channels');
  if ([mean, std].some((list) => list && ![1, channels].includes(list.length))) wrong('mean and std must be one number, or one a channel');
  if (dtype !== 'float32' && mean && !(scale > 0)) wrong('mean and std need a scale, which it lacks');
}

/**
 * A picture as the data of the only one of a model's inputs, [1,H,W,1 or 3].
 * @param {import('./pixels.mjs').Picture} picture
 * @param {import('tulle').TensorInfo[]} inputs
 * @param {ReturnType<typeof preparation>} p
 */
export function feed(picture, inputs, p) {
  check(inputs, p);
  const [, height, width, channels] = inputs[0].shape;
  const part = crop(picture, middle(picture, p));
  const { rgb } = resample(channels === 1 ? gray(part) : part, width, height, p.resample, p.antialias);
  const pixels = channels === 3 ? rgb : rgb.filter((_, i) => i % 3 === 0);
  return kFeeds[inputs[0].dtype](p.invert ? pixels.map((value) => 255 - value) : pixels, p, inputs[0]);
}
