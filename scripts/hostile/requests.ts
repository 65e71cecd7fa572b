/** Requests that nobody means well with, as bytes on the wire: seeded, each with a name of its kind. */
import type { Random } from "../../lib/tensors/random.ts";

/** A hostile request. */
export interface HostileRequest {
  /** Its kind, for the report. */
  kind: string;
  /** What is sent, part by part. */
  parts: Uint8Array[];
  /** Whether the connection is closed in the middle, so that no answer has to come. */
  breaksOff?: boolean;
}

/** What requests may use of the page that they are sent to. */
export interface Target {
  /** Host and port, as a Host header has them. */
  host: string;
  /** Key of the collection. */
  key: string;
  /** Files outside of the collection that exist, absolute. */
  outside: readonly string[];
  /** An image file, for uploads that begin well. */
  image: Uint8Array;
}

const encoder = new TextEncoder();

/** The kinds of requests. */
export const hostileKinds = ["path", "image id", "header", "method", "search", "upload", "multipart", "bytes"] as const;

/** Makes a request. @param rng decides everything */
export function hostileRequest(target: Target, rng: Random): HostileRequest {
  const kind = hostileKinds[rng.int(hostileKinds.length)];
  return { kind, ...makers[kind](target, rng) };
}

type Maker = (target: Target, rng: Random) => Omit<HostileRequest, "kind">;

const pick = <T>(list: readonly T[], rng: Random): T => list[rng.int(list.length)];

const ups = [
  "../",
  "..%2f",
  "%2e%2e/",
  "..\\",
  "..%5c",
  "....//",
  "%252e%252e%252f",
  "..;/",
  "%c0%ae%c0%ae/",
  "/./../",
];

/** A path that tries to leave its folder. */
function escaping({ outside }: Target, rng: Random): string {
  const file = pick([...outside, "/etc/passwd", "/proc/self/environ", "/deno.json", "\0", "/etc/passwd%00.jpg"], rng);
  const up = pick(ups, rng).repeat(1 + rng.int(12));
  return pick([`${up}${file.slice(1)}`, file, encodeURIComponent(file), `file://${file}`, `/${file}`], rng);
}

/** One request as text. */
function message(
  method: string,
  path: string,
  headers: readonly string[],
  body: Uint8Array | string = "",
): Uint8Array[] {
  const content = typeof body === "string" ? encoder.encode(body) : body;
  return [encoder.encode(`${method} ${path} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`), content];
}

const json = (host: string, body: string, ...more: string[]) =>
  message("POST", "/api/search", [
    `host: ${host}`,
    "content-type: application/json",
    `content-length: ${encoder.encode(body).length}`,
    "connection: close",
    ...more,
  ], body);

const makers: Record<typeof hostileKinds[number], Maker> = {
  path(target, rng) {
    const start = pick(["/", "/images/", "/uploads/", `/images/${target.key}/`, "/api/", "/page.js/", ""], rng);
    return { parts: message("GET", start + escaping(target, rng), [`host: ${target.host}`, "connection: close"]) };
  },
  "image id"({ host, key }, rng) {
    const odd = [
      "-1",
      "1e9",
      "0x0",
      "00",
      "NaN",
      "4294967296",
      "1;2",
      "1/..",
      "%30",
      "1%00",
      "٣",
      "１",
      " 1",
      "1?x=/etc",
    ];
    const path = pick([`/images/${key}/${pick(odd, rng)}`, `/images/x/0`, `/api/images?from=${pick(odd, rng)}`], rng);
    return { parts: message("GET", encodeURI(path), [`host: ${host}`, "connection: close"]) };
  },
  header({ host }, rng) {
    const good = `host: ${host}`, close = "connection: close";
    const headers = pick([
      () => ["host: example.org", close],
      () => [`host: ${host}.example.org`, close],
      () => [close],
      () => [good, "host: example.org", close],
      () => [good, "origin: https://example.org", close],
      () => [good, "origin: null", close],
      () => [good, "sec-fetch-site: cross-site", "sec-fetch-mode: no-cors", close],
      () => [good, `x: ${"a".repeat(1000 * (1 + rng.int(200)))}`, close],
      () => [good, ...Array.from({ length: 50 + rng.int(400) }, (_, i) => `x-${i}: ${i}`), close],
      () => [good, "range: bytes=0-18446744073709551615", close],
      () => [good, "x-forwarded-host: example.org", "forwarded: host=example.org", "host : x", close],
      () => [good, "upgrade: websocket", "connection: Upgrade", "sec-websocket-key: x"],
      () => [good, "transfer-encoding: chunked", "content-length: 5", close],
      () => [good, "a\0b: c", close],
      () => [good, "expect: 100-continue", "content-length: 10", close],
    ], rng)();
    return {
      parts: message(pick(["GET", "POST"], rng), pick(["/api/state", "/api/search", "/images/x/0"], rng), headers),
    };
  },
  method({ host }, rng) {
    const method = pick([
      "PUT",
      "DELETE",
      "PATCH",
      "OPTIONS",
      "HEAD",
      "TRACE",
      "CONNECT",
      "PROPFIND",
      "get",
      "A B",
      "\x01",
    ], rng);
    const path = pick(
      ["/", "/api/state", "/api/search", "/images/x/0", "*", "example.org:443", "http://example.org/"],
      rng,
    );
    return { parts: message(method, path, [`host: ${host}`, "connection: close"]) };
  },
  search(target, rng) {
    const long = "a".repeat(1 + rng.int(20_000)), path = escaping(target, rng);
    const body = pick([
      "{",
      "[]",
      "null",
      "1e999",
      '"x"',
      "{}",
      `{"text":"${long}"}`,
      `{"text":${"[".repeat(2000)}${"]".repeat(2000)}}`,
      '{"image":-1,"text":"x"}',
      '{"image":1e308,"text":"x"}',
      '{"image":{},"text":"x"}',
      '{"text":"x","top":1e9}',
      '{"text":"x","weight":"1"}',
      '{"text":"x","method":"__proto__"}',
      '{"__proto__":{"image":0},"text":"x"}',
      '{"constructor":1,"text":"x"}',
      JSON.stringify({ image: path, text: "x" }),
      JSON.stringify({ text: "x", path }),
      '{"text":"\ud800"}',
      '{"text":"$ [$] $"}',
      `{"text":"${"\\u0000".repeat(40)}"}`,
      '{"text":"👩‍👩‍👧‍👦 ﷽ ‮"}',
      "\xff\xfe",
    ], rng);
    return { parts: json(target.host, body) };
  },
  upload({ host, image }, rng) {
    let body = image.slice(0, 1 + rng.int(image.length));
    for (let i = rng.int(20); i > 0; i--) body[rng.int(body.length)] = rng.int(256);
    const type = pick(
      ["image/png", "image/jpeg", "image/svg+xml", "text/html", "", "image/png; x=../../x", "IMAGE/x"],
      rng,
    );
    if (rng.int(4) === 0) {
      body = encoder.encode(
        pick([
          '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
          "%PDF-1.4",
          "GIF89a",
          "RIFF....WEBP",
        ], rng),
      );
    }
    const length = pick([body.length, body.length, body.length + 5, 0, 99_999_999_999, -1], rng);
    const headers = [`host: ${host}`, `content-type: ${type}`, `content-length: ${length}`, "connection: close"];
    return { parts: message("POST", "/api/uploads", headers, body), breaksOff: length !== body.length };
  },
  multipart(target, rng) {
    const name = escaping(target, rng).replace(/["\r\n\0]/g, "");
    const body = pick([
      `--x\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\nx\r\n--x--`,
      `--x\r\ncontent-disposition: form-data; name="file"`,
      "--x\r\n\r\n--x\r\n\r\n--x",
      "",
      `--${"x".repeat(5000)}`,
      "--y--",
    ], rng);
    const type = pick([
      "multipart/form-data; boundary=x",
      "multipart/form-data",
      'multipart/mixed; boundary="',
      "application/x-www-form-urlencoded",
    ], rng);
    const path = pick(["/api/uploads", "/api/search", "/api/addresses", "/"], rng);
    const headers = [
      `host: ${target.host}`,
      `content-type: ${type}`,
      `content-length: ${body.length}`,
      "connection: close",
    ];
    return { parts: message("POST", path, headers, body) };
  },
  bytes({ host }, rng) {
    if (rng.int(2) === 0) {
      return { parts: [Uint8Array.from({ length: 1 + rng.int(4000) }, () => rng.int(256))], breaksOff: true };
    }
    const whole = json(host, '{"text":"x"}', "transfer-encoding: chunked");
    const text = pick([
      "zz\r\nx\r\n",
      "5\r\nab",
      "ffffffffffffffff\r\nx",
      "0\r\n\r\nGET /api/state HTTP/1.1\r\n\r\n",
      "",
    ], rng);
    return { parts: [whole[0].slice(0, 1 + rng.int(whole[0].length)), encoder.encode(text)], breaksOff: true };
  },
};
