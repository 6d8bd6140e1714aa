// Where bytes come from: piece by piece, so that they can go straight to where they stay.
import { TulleError } from './errors.js';
import { platform } from './platform.js';

/**
 * @typedef {object} Source
 * @property {number} [size] Bytes to come, where that is known; there may be more, where a server packs what it sends.
 * @property {Iterable<Uint8Array> | AsyncIterable<Uint8Array>} chunks
 */

/**
 * Opens bytes, or what a URL or path names.
 * @param {ArrayBuffer | SharedArrayBuffer | ArrayBufferView | string | URL} source
 * @returns {Promise<Source>}
 */
export async function open(source) {
  if (typeof source === 'string' || source instanceof URL) return platform.open(source);
  const bytes = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : isBuffer(source) && new Uint8Array(source);
  if (!bytes) throw new TulleError('INVALID_ARGUMENT', 'a model is bytes, a URL or a string');
  return { size: bytes.length, chunks: [bytes] };
}

const isBuffer = (value) => /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));

/**
 * Fetches a URL.
 * @param {string | URL} where
 * @returns {Promise<Response>}
 */
export async function get(where) {
  const response = await fetch(where).catch((cause) => {
    throw new TulleError('IO', `${where}: ${cause.message}`, { cause });
  });
  if (response.ok) return response;
  throw new TulleError(response.status === 404 ? 'NOT_FOUND' : 'IO', `${where}: HTTP status ${response.status}`);
}

/** @returns {Promise<Source>} */
export async function openUrl(where) {
  const response = await get(where);
  const length = response.headers.get('content-length');
  const packed = response.headers.get('content-encoding') !== null;
  return { size: length === null || packed ? undefined : Number(length), chunks: pieces(response.body, where) };
}

// Streams are no iterables in every browser.
async function* pieces(stream, where) {
  const reader = stream?.getReader();
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true };
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throw new TulleError('IO', `${where}: ${cause.message}`, { cause });
  }
}
