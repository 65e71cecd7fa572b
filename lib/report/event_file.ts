/**
 * Scalars in the form that TensorBoard opens: a file of records, each a protocol-buffer `Event` between checksums.
 *
 * A record is the length (64 bits, little-endian), its checksum, the event and its checksum; a checksum is the CRC-32C
 * of the bytes, rotated by 15 bits and increased by a constant.
 */

/** The name that a file of events must contain for TensorBoard to find it. */
export const eventFileName = "events.out.tfevents.0.rtd";

/** Returns the record with which a file of events begins. */
export function eventFileHeader(): Uint8Array {
  return record(text(3, "brain.Event:2"));
}

/**
 * Returns the record of some scalars.
 *
 * @param step the x axis
 * @param seconds since the run began: TensorBoard's time axis
 * @param scalars by tag, such as "train/loss"; kept with 32 bits
 */
export function scalarEvent(step: number, seconds: number, scalars: Record<string, number>): Uint8Array {
  const values = Object.entries(scalars).flatMap(([tag, value]) => message(1, [...text(1, tag), ...float(2, value)]));
  return record([...double(1, seconds), 2 << 3, ...varint(step), ...message(5, values)]);
}

function record(event: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(16 + event.length), view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(event.length), true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(event, 12);
  view.setUint32(12 + event.length, maskedCrc(bytes.subarray(12, 12 + event.length)), true);
  return bytes;
}

// Wire types of protocol buffers: 0 varint, 1 eight bytes, 2 bytes with their length, 5 four bytes.

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 + 128);
  return [...bytes, value];
}

function message(field: number, bytes: readonly number[]): number[] {
  return [field << 3 | 2, ...varint(bytes.length), ...bytes];
}

function text(field: number, value: string): number[] {
  return message(field, [...new TextEncoder().encode(value)]);
}

function double(field: number, value: number): number[] {
  return [field << 3 | 1, ...new Uint8Array(littleEndian(8, (view) => view.setFloat64(0, value, true)))];
}

function float(field: number, value: number): number[] {
  return [field << 3 | 5, ...new Uint8Array(littleEndian(4, (view) => view.setFloat32(0, value, true)))];
}

function littleEndian(size: number, write: (view: DataView) => void): ArrayBuffer {
  const buffer = new ArrayBuffer(size);
  write(new DataView(buffer));
  return buffer;
}

/** CRC-32C (Castagnoli) of each byte. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

function maskedCrc(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ crc >>> 8;
  crc = ~crc;
  return ((crc >>> 15 | crc << 17) + 0xa282ead8) >>> 0;
}
