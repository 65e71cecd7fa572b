/**
 * Packs files as `torch.save` does, stored and with right checksums, so that a mutated pickle gets past the archive.
 */
import { crc32 } from "node:zlib";

/** Makes a ZIP archive of stored entries. */
export function storedZip(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const encoder = new TextEncoder(), local: Uint8Array[] = [], central: Uint8Array[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const written = encoder.encode(name), common = new Uint8Array(26), view = new DataView(common.buffer);
    view.setUint16(0, 20, true);
    view.setUint32(10, crc32(content), true);
    view.setUint32(14, content.length, true);
    view.setUint32(18, content.length, true);
    view.setUint16(22, written.length, true);
    const header = [bytesOf(0x04034b50), common, written, content];
    local.push(...header);
    central.push(bytesOf(0x02014b50), Uint8Array.of(20, 0), common, new Uint8Array(10), bytesOf(offset), written);
    offset += header.reduce((sum, { length }) => sum + length, 0);
  }
  const end = new Uint8Array(18), view = new DataView(end.buffer), count = Object.keys(files).length;
  view.setUint16(4, count, true);
  view.setUint16(6, count, true);
  view.setUint32(8, central.reduce((sum, { length }) => sum + length, 0), true);
  view.setUint32(12, offset, true);
  return concat([...local, ...central, bytesOf(0x06054b50), end]);
}

function bytesOf(number: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number, true);
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
