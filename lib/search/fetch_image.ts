/** Fetches an image by an address that a person typed; nothing else is ever followed. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { shownReason } from "../io/shown.ts";
import { isPublicAddress } from "./public_address.ts";

/** Options of {@linkcode fetchImage}. */
export interface FetchImageOptions {
  /** Most bytes (default 20 MiB). */
  bytes?: number;
  /** Most seconds until the last byte (default 20). */
  seconds?: number;
  /** Whether addresses of this machine and of private networks are fetched too (default false). */
  privateAddresses?: boolean;
}

/**
 * Fetches the content of an image file.
 *
 * The process must be permitted to reach the host by name. A host whose addresses are not all public is refused, and so
 * is a redirection, since the person did not type where it leads. (The name is looked up once for the check and once for
 * the connection: whoever runs the name's server could answer differently. The permission is given by name too.)
 *
 * @param address `http:` or `https:`, without user and password
 * @throws {Error} if the address is not one, is private, may not be reached, answers something else than a file, or a
 *   larger or slower one
 *
 * @example
 * ```ts ignore
 * import { fetchImage } from "@rtd/toolkit/search";
 *
 * const bytes = await fetchImage("https://example.org/photo.jpg"); // deno run --allow-net=example.org
 * ```
 */
export async function fetchImage(
  address: string,
  { bytes = 20 * 2 ** 20, seconds = 20, privateAddresses = false }: FetchImageOptions = {},
): Promise<Uint8Array> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const fail = (why: string): never => {
    throw new Error(`Fetching ${url ? url.origin + url.pathname.slice(0, 80) : "the image"} failed: ${why}`);
  };
  if (!url || !/^https?:$/.test(url.protocol)) return fail("the address does not begin with http:// or https://.");
  if (url.username !== "" || url.password !== "") {
    return fail("the address holds a user or a password; leave them out.");
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const permission = await Deno.permissions.query({ name: "net", host: url.host });
  if (permission.state !== "granted") {
    return fail(`this command may not reach ${url.host}; start it with --allow-net=${url.host}, or save the image.`);
  }
  if (!privateAddresses) {
    const addresses = isIP(host) ? [host] : await addressesOf(host).catch(() => fail(`there is no host ${host}.`));
    if (!addresses.every(isPublicAddress)) {
      return fail(`${host} is in a private network; save the image and name its file.`);
    }
  }
  const signal = AbortSignal.timeout(1000 * seconds);
  try {
    const response = await fetch(url, {
      redirect: "manual",
      signal,
      headers: { accept: "image/*" },
      credentials: "omit",
    });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      const to = response.headers.get("location");
      return fail(`it leads elsewhere${to ? `, to ${shownReason(to)}` : ""}; give that address if you want it.`);
    }
    if (!response.ok) {
      await response.body?.cancel();
      return fail(`the host answered ${response.status}.`);
    }
    return await readParts(response, bytes) ?? fail(`it has more than ${Math.floor(bytes / 2 ** 20)} MiB.`);
  } catch (error) {
    if (signal.aborted) return fail(`it took longer than ${seconds} s.`);
    if (error instanceof Error && error.message.startsWith("Fetching ")) throw error;
    return fail(`${shownReason(error)}.`);
  }
}

async function addressesOf(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** Reads a body; undefined if it is longer than `most` bytes. */
async function readParts(response: Response, most: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > most) return undefined; // leaving the loop closes the connection
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
