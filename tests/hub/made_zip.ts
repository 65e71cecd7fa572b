/** Small ZIP archives, honest or not. */
import { crc32, deflateRawSync } from "node:zlib";

/** An entry to make; what is left out is honest. */
export interface MadeEntry {
  name: string;
  content: Uint8Array | string;
  /** The checksum that is announced. */
  crc?: number;
  /** The size that is announced. */
  size?: number;
  /** Kind of file on Unix, such as 0o120777 for a link. */
  mode?: number;
  /** Bits of the entry's flags; 1 says that it is encrypted. */
  flags?: number;
}

/** An archive with these entries, each deflated. */
export function madeZip(entries: readonly MadeEntry[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [], directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, content, crc, size, mode = 0o100644, flags = 0 } of entries) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const packed = new Uint8Array(deflateRawSync(bytes)), nameBytes = new TextEncoder().encode(name);
    const common = (view: DataView, from: number) => {
      view.setUint16(from, 20, true);
      view.setUint16(from + 2, 0x800 | flags, true);
      view.setUint16(from + 4, 8, true);
      view.setUint32(from + 10, crc ?? crc32(bytes), true);
      view.setUint32(from + 14, packed.length, true);
      view.setUint32(from + 18, size ?? bytes.length, true);
      view.setUint16(from + 22, nameBytes.length, true);
    };
    const local = new DataView(new ArrayBuffer(30)), central = new DataView(new ArrayBuffer(46));
    local.setUint32(0, 0x04034b50, true);
    common(local, 4);
    central.setUint32(0, 0x02014b50, true);
    central.setUint16(4, 0x0314, true);
    common(central, 6);
    central.setUint32(38, mode * 2 ** 16, true);
    central.setUint32(42, at, true);
    parts.push(new Uint8Array(local.buffer), nameBytes, packed);
    directory.push(new Uint8Array(central.buffer), nameBytes);
    at += 30 + nameBytes.length + packed.length;
  }
  const end = new DataView(new ArrayBuffer(22)), length = directory.reduce((sum, part) => sum + part.length, 0);
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, entries.length, true);
  end.setUint16(10, entries.length, true);
  end.setUint32(12, length, true);
  end.setUint32(16, at, true);
  const all = [...parts, ...directory, new Uint8Array(end.buffer)];
  const whole = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let to = 0;
  for (const part of all) whole.set(part, to), to += part.length;
  return whole;
}
