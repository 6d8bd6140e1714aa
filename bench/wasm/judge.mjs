// What the models are fed with, and what the plain loops answer to it (kept in the cache).
import {execFileSync} from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {CACHE, SHARED, WORK} from './places.mjs';

const ARRAYS = {
  float32: {Type: Float32Array, npy: '<f4', least: -1, most: 1},
  uint8: {Type: Uint8Array, npy: '|u1', least: 0, most: 255},
  int8: {Type: Int8Array, npy: '|i1', least: -128, most: 127},
};

// An uncompressed picture of 24 bits a pixel: rows from below, blue first.
function read_bmp(file) {
  const bytes = fs.readFileSync(file), from = bytes.readUInt32LE(10), width = bytes.readInt32LE(18);
  const height = bytes.readInt32LE(22), pitch = width * 3 + 3 & ~3;
  if (bytes.readUInt16LE(28) !== 24 || bytes.readUInt32LE(30)) throw new Error(`${file} has no pixels of 24 bits`);
  return {width, height, at: (y, x, c) => bytes[from + (height - 1 - y) * pitch + x * 3 + 2 - c]};
}

// The picture's nearest pixels as codes or, for reals, as -1…1.
function picture(file, {dtype, shape}) {
  const {width, height, at} = read_bmp(file), [, rows, columns] = shape;
  const value = {float32: byte => byte / 127.5 - 1, uint8: byte => byte, int8: byte => byte - 128}[dtype];
  const found = new ARRAYS[dtype].Type(rows * columns * 3);
  for (let i = 0; i < found.length; ++i) {
    const x = Math.floor(i / 3) % columns, y = Math.floor(i / 3 / columns);
    found[i] = value(at(Math.floor((y + 0.5) * height / rows), Math.floor((x + 0.5) * width / columns), i % 3));
  }
  return found;
}

// Values that look random and are the same everywhere: a linear congruence, its high bits.
function noise({dtype, shape}) {
  const {Type, least, most} = ARRAYS[dtype], real = dtype === 'float32';
  let state = 12345;
  return Type.from({length: shape.reduce((a, b) => a * b)}, () => {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    const share = (state >>> 8) / 2 ** 24;
    return real ? least + share * (most - least) : Math.floor(least + share * (most - least + 1));
  });
}

function npy(array, {dtype, shape}) {
  const about = `{'descr': '${ARRAYS[dtype].npy}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const head = Buffer.alloc(64 * Math.ceil((about.length + 11) / 64), ' ');
  head.write('\x93NUMPY\x01\0', 'latin1');
  head.writeUInt16LE(head.length - 10, 8);
  head.write(about, 10);
  head[head.length - 1] = 10;
  return Buffer.concat([head, Buffer.from(array.buffer)]);
}

function read_npy(bytes) {
  const start = 10 + bytes.readUInt16LE(8), type = bytes.toString('latin1', 10, start).match(/'descr': '(..\d)'/)[1];
  const Type = Object.values(ARRAYS).find(({npy: name}) => name.slice(1) === type.slice(1)).Type;
  return Array.from(new Type(Uint8Array.from(bytes.subarray(start)).buffer));
}

function reference(command, model, file) {
  const folder = path.join(WORK, 'reference');
  fs.rmSync(folder, {recursive: true, force: true});
  execFileSync(command, ['run', model, '--no-cache', '--input', `0=${file}`, '-o', folder],
    {env: {...process.env, TULLE_ISA: 'reference'}, stdio: ['ignore', 'ignore', 'inherit']});
  const [answer] = fs.readdirSync(folder).filter(name => name.endsWith('.npy'));
  return read_npy(fs.readFileSync(path.join(folder, answer)));
}

// {input, output: {dtype, shape}} of a model with one of each.
export function describe(command, model) {
  const found = JSON.parse(execFileSync(command, ['inspect', model, '--json'], {maxBuffer: 2 ** 28}));
  return {input: found.inputs[0], output: found.outputs[0]};
}

// Files with the inputs: a picture where there is one, and noise but for poses. [{address, answer: numbers}]
export function sets(command, row, model, input) {
  const photo = path.join(SHARED, 'images', row.picture);
  const photos = fs.existsSync(photo) ? [picture(photo, input)] : [];
  const arrays = photos.length && row.pose ? photos : [...photos, noise(input)];
  return arrays.map((array, number) => {
    const name = `${row.name}.${number}`, raw = path.join(WORK, 'inputs', `${name}.bin`);
    fs.mkdirSync(path.dirname(raw), {recursive: true});
    fs.writeFileSync(raw, Buffer.from(array.buffer));
    const digest = crypto.createHash('sha256');
    for (const file of [model, raw]) digest.update(fs.readFileSync(file));
    const kept = path.join(CACHE, 'answers', `${digest.digest('hex').slice(0, 24)}.json`);
    if (!fs.existsSync(kept)) {
      const given = path.join(WORK, 'input.npy');
      fs.writeFileSync(given, npy(array, input));
      fs.mkdirSync(path.dirname(kept), {recursive: true});
      fs.writeFileSync(kept, JSON.stringify(reference(command, model, given)));
    }
    return {address: `/race/inputs/${name}.bin`, answer: JSON.parse(fs.readFileSync(kept, 'utf8'))};
  });
}
