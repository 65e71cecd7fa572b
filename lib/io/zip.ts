/**
 * The directory of a ZIP archive whose entries are stored, not compressed: what `torch.save` writes.
 *
 * Format: PKWARE APPNOTE 6.3, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 to 4.3.16 (its end, and
 * the 64-bit form).
 */

/** Where an entry's bytes are in the archive. */
export interface ZipEntry {
  /** First byte of the content, counted from the start of the archive. */
  offset: number;
  /** Bytes of the content. */
  length: number;
  /** CRC-32 of the content, as the archive states it. */
  crc: number;
}

const signatures = {
  local: 0x04034b50,
  central: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
};
const endLength = 22, locatorLength = 20, longestComment = 0xffff;

/**
 * Lists the entries of an archive.
 *
 * @param bytes the whole archive
 * @param fail throws an error that says what is wrong
 * @returns the entries by name
 * @throws {Error} through `fail`, if the archive is damaged, an entry is compressed or appears twice, or entries share
 *   their bytes, so that reading all of them would need more memory than the archive has bytes
 */
export function zipEntries(bytes: Uint8Array, fail: (what: string) => never): Map<string, ZipEntry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const need = (at: number, length: number, what: string) => {
    if (!(at >= 0 && at + length <= bytes.length)) fail(`${what} lies outside its ${bytes.length} bytes`);
  };
  const large = (at: number): number => {
    need(at, 8, "a 64-bit number");
    const value = view.getBigUint64(at, true);
    return value > BigInt(bytes.length) ? fail(`it points to byte ${value} of ${bytes.length}`) : Number(value);
  };

  let end = bytes.length - endLength;
  while (end >= 0 && end >= bytes.length - endLength - longestComment && view.getUint32(end, true) !== signatures.end) {
    end--;
  }
  if (end < 0 || view.getUint32(end, true) !== signatures.end) fail("its central directory was not found");
  let count = view.getUint16(end + 10, true), at = view.getUint32(end + 16, true);
  const locator = end - locatorLength;
  if (locator >= 0 && view.getUint32(locator, true) === signatures.locator64) {
    const end64 = large(locator + 8);
    need(end64, 56, "the end of its central directory");
    if (view.getUint32(end64, true) !== signatures.end64) fail("the end of its central directory is damaged");
    count = large(end64 + 32);
    at = large(end64 + 48);
  }

  const entries = new Map<string, ZipEntry>();
  let total = 0;
  for (let i = 0; i < count; i++) {
    need(at, 46, "its central directory");
    if (view.getUint32(at, true) !== signatures.central) fail(`entry ${i} of its central directory is damaged`);
    const method = view.getUint16(at + 10, true);
    const nameLength = view.getUint16(at + 28, true), extraLength = view.getUint16(at + 30, true);
    need(at + 46, nameLength + extraLength, "its central directory");
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    let length = view.getUint32(at + 24, true), local = view.getUint32(at + 42, true);
    let stored = view.getUint32(at + 20, true);
    // The 64-bit extra field holds, in this order, those of the three numbers that did not fit.
    for (let x = at + 46 + nameLength; x + 4 <= at + 46 + nameLength + extraLength;) {
      const id = view.getUint16(x, true), size = view.getUint16(x + 2, true);
      if (id === 1) {
        let field = x + 4;
        const next = () => {
          field += 8;
          return large(field - 8);
        };
        if (length === 0xffffffff) length = next();
        if (stored === 0xffffffff) stored = next();
        if (local === 0xffffffff) local = next();
      }
      x += 4 + size;
    }
    if (method !== 0 || stored !== length) fail(`"${name}" is compressed, which torch.save never does`);
    need(local, 30, `the header of "${name}"`);
    if (view.getUint32(local, true) !== signatures.local) fail(`the header of "${name}" is damaged`);
    const crc = view.getUint32(at + 16, true);
    const offset = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    need(offset, length, `"${name}"`);
    if (entries.has(name)) fail(`"${name}" appears twice`);
    total += length;
    if (total > bytes.length) fail(`its entries claim more than its ${bytes.length} bytes`);
    entries.set(name, { offset, length, crc });
    at += 46 + nameLength + extraLength + view.getUint16(at + 32, true);
  }
  return entries;
}
