// Picture files: PNG and JPEG as 8-bit RGB.
import { readFile } from 'node:fs/promises';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { fromRgba } from '../shared/pixels.mjs';

/** Decoders by a file's first bytes; each gives {width, height, data: RGBA}. */
const kDecoders = [
  { start: [0x89, 0x50, 0x4e, 0x47], decode: (bytes) => PNG.sync.read(bytes) },
  { start: [0xff, 0xd8], decode: (bytes) => jpeg.decode(bytes, { useTArray: true }) },
];

/**
 * Reads a picture; alpha is dropped. A photograph is left as it lies, whatever its Exif orientation.
 * @returns {Promise<import('../shared/pixels.mjs').Picture>}
 */
export async function readPicture(path) {
  const bytes = await readFile(path);
  const kind = kDecoders.find(({ start }) => start.every((byte, i) => bytes[i] === byte));
  if (!kind) throw new Error(`${path}: neither PNG nor JPEG`);
  return fromRgba(kind.decode(bytes));
}
