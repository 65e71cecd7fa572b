/** Writes pixels as a PNG file (RFC 2083): eight bits a channel, no filter. */
import { crc32, deflateSync } from "node:zlib";

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * Encodes an image.
 *
 * @param pixels `[height, width, 3]` bytes: red, green, blue
 * @throws {Error} if there are more or fewer bytes than the sides say
 */
export function encodePng(pixels: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const row = width * 3;
  if (pixels.length !== row * height) {
    throw new Error(
      `Encoding a PNG failed: ${width} x ${height} pixels are ${row * height} bytes, and ${pixels.length} were given.`,
    );
  }
  // Each row begins with the number of its filter; 0 is none.
  const rows = new Uint8Array((row + 1) * height);
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * row, (y + 1) * row), y * (row + 1) + 1);
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8); // bits a channel
  header.setUint8(9, 2); // red, green, blue
  const chunks = [
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("IDAT", new Uint8Array(deflateSync(rows))),
    chunk("IEND", new Uint8Array()),
  ];
  return new Uint8Array([...signature, ...chunks.flatMap((bytes) => [...bytes])]);
}

/** One chunk: its length, its type, its data, and a check sum of both. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length), view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}
