// A file out of the archive that is appended to a model.

const kEnd = { mark: 0x06054b50, size: 22 };
const kEntry = { mark: 0x02014b50, size: 46 };
const kMember = { mark: 0x04034b50, size: 30 };
const kMaxComment = 65535; // bytes

/** The stream's bytes, unpacked. */
function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Response(stream).arrayBuffer().then((buffer) => new Uint8Array(buffer));
}

/**
 * The contents of the member of this name; undefined where there is no archive, no such member, or damage.
 * @param {Uint8Array} bytes the whole file
 * @returns {Promise<Uint8Array | undefined>}
 */
export async function findInZip(bytes, name) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [u16, u32] = [(at) => view.getUint16(at, true), (at) => view.getUint32(at, true)];
  try {
    let end = bytes.length - kEnd.size;
    const last = Math.max(0, end - kMaxComment);
    while (end >= last && u32(end) !== kEnd.mark) --end;
    if (end < last) return undefined;
    // Offsets count from the start of the archive, or of the whole file where the writer appended in place.
    const directory = end - u32(end + 12);
    const before = Math.max(0, directory - u32(end + 16));
    let at = directory;
    for (let i = u16(end + 10); i > 0 && u32(at) === kEntry.mark; --i) {
      const start = at + kEntry.size;
      const found = new TextDecoder().decode(bytes.subarray(start, start + u16(at + 28)));
      if (found === name) {
        const member = before + u32(at + 42);
        if (u32(member) !== kMember.mark) return undefined;
        const contents = member + kMember.size + u16(member + 26) + u16(member + 28);
        const packed = bytes.subarray(contents, contents + u32(at + 20));
        return u16(at + 10) === 0 ? packed : await inflated(packed);
      }
      at = start + u16(at + 28) + u16(at + 30) + u16(at + 32);
    }
  } catch {
    // Damaged, then.
  }
  return undefined;
}
