// Pictures of known pixels, and the pixels as PNG.
import { deflateSync } from 'node:zlib';

const kTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; ++bit) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});
const crc = (bytes) => ~bytes.reduce((sum, byte) => kTable[(sum ^ byte) & 255] ^ (sum >>> 8), -1) >>> 0;

function chunk(type, contents) {
  const bytes = Buffer.alloc(contents.length + 12);
  bytes.writeUInt32BE(contents.length);
  bytes.write(type, 4, 'latin1');
  contents.copy(bytes, 8);
  bytes.writeUInt32BE(crc(bytes.subarray(4, -4)), bytes.length - 4);
  return bytes;
}

/** A picture of RGB as the bytes of a PNG. */
export function toPng({ width, height, rgb }) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8); // bits, RGB, and the usual
  const rows = Array.from({ length: height }, (_, y) => Buffer.concat([Buffer.of(0), rgb.subarray(y * width * 3, (y + 1) * width * 3)]));
  const signature = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.concat(rows))), chunk('IEND', Buffer.alloc(0))]);
}

/** A picture of rings and noise. */
export function rings(width, height) {
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return 128 + 100 * Math.sin(Math.hypot(x - width / 3, y - height / 2) / (3 + (i % 3))) + ((i * 7919) % 27);
  });
  return { width, height, rgb };
}
