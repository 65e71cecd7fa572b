import { assertEquals, assertThrows } from "@std/assert";
import { inflateSync } from "node:zlib";
import { encodePng } from "../../lib/io/png.ts";

Deno.test("encodePng: signature, header with its check sum, rows without a filter, end", () => {
  const png = encodePng(new Uint8Array([255, 0, 0, 0, 128, 7]), 2, 1), view = new DataView(png.buffer);
  assertEquals([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  // Width, height, eight bits, colour type 2, and the check sum of zlib.crc32.
  assertEquals(png.subarray(16, 33).toHex(), "000000020000000108020000007b40e8dd");
  const length = view.getUint32(33);
  assertEquals([...inflateSync(png.subarray(41, 41 + length))], [0, 255, 0, 0, 0, 128, 7]);
  assertEquals(png.subarray(-12).toHex(), "0000000049454e44ae426082");
});

Deno.test("encodePng: another number of bytes than the sides say is refused", () => {
  assertThrows(
    () => encodePng(new Uint8Array(5), 2, 1),
    Error,
    "Encoding a PNG failed: 2 x 1 pixels are 6 bytes, and 5 were given.",
  );
});
