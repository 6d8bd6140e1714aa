// Where things lie, and what the addresses of tasks stand for.
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

export const HERE = path.dirname(fileURLToPath(import.meta.url));
export const ROOT = path.resolve(HERE, '../..');
const TULLE_CACHE = process.env.TULLE_CACHE || path.join(os.homedir(), '.cache/tulle');
export const MADE = path.join(TULLE_CACHE, 'bench/models');  // what bench/models/make.py makes
export const CACHE = path.join(TULLE_CACHE, 'bench-wasm');
export const PACKAGES = path.join(CACHE, 'node_modules');
export const WORK = path.join(CACHE, 'work');
export const SHARED = process.env.TULLE_SHARED || path.resolve(ROOT, '../shared');

const ROOTS = {bench: HERE, packages: PACKAGES, race: WORK};

// The file of an address such as /race/models/x.tflite; null where it is none of ours.
export function place(address) {
  const [, first, ...rest] = address.split('/');
  if (!Object.hasOwn(ROOTS, first)) return null;
  const file = path.join(ROOTS[first], ...rest);
  return file.startsWith(ROOTS[first] + path.sep) ? file : null;
}
