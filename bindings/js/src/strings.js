// Tensors of strings as TensorFlow Lite lays them out: an int32 count, count + 1 int32 offsets from the start, UTF-8.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The bytes of a tensor of these strings. */
export function encodeStrings(strings) {
  const texts = strings.map((text) => encoder.encode(text));
  const head = 4 * (texts.length + 2);
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + text.length, head));
  const view = new DataView(bytes.buffer);
  view.setInt32(0, texts.length, true);
  let at = head;
  texts.forEach((text, i) => {
    view.setInt32(4 + 4 * i, at, true);
    bytes.set(text, at);
    at += text.length;
  });
  view.setInt32(head - 4, at, true);
  return bytes;
}

/** The strings of a tensor's bytes; what is no UTF-8 has U+FFFD instead. */
export function decodeStrings(bytes) {
  if (bytes.length < 4) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offset = (i) => view.getInt32(4 + 4 * i, true);
  return Array.from({ length: view.getInt32(0, true) }, (_, i) => decoder.decode(bytes.slice(offset(i), offset(i + 1))));
}
