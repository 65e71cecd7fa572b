/**
 * Which requests the page's server looks at: those that a person's own page, or a script on this machine, sends.
 *
 * A page of another site may name a host that leads here (DNS rebinding), or send requests across sites. Hosts that are
 * names are refused unless they were allowed, and so is whatever a browser says comes from elsewhere.
 */
import { isIP } from "node:net";
import { Refusal } from "./refusal.ts";

/** Letters of the longest address. */
const mostLetters = 2048;

/** Headers of every answer: nothing from elsewhere, nothing inline, nothing sniffed, nothing told to other sites. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/**
 * Checks method, length, host and origin of a request.
 *
 * @param names host names that are answered beside addresses in numbers and "localhost"
 * @throws {Refusal} if the request is not for this page, or comes from another
 */
export function checkRequest({ method, url, headers }: Request, names: readonly string[] = []): void {
  if (method !== "GET" && method !== "POST") throw new Refusal(405, `${method} is not answered; use GET or POST.`);
  if (url.length > mostLetters) {
    throw new Refusal(414, `The address has ${url.length} letters, more than ${mostLetters}.`);
  }
  const host = headers.get("host") ?? "";
  if (!isOwnHost(host, names)) {
    throw new Refusal(403, "The host of the address is not this page's; open the address that the command printed.");
  }
  const origin = headers.get("origin");
  if (origin !== null && origin !== `http://${host}`) {
    throw new Refusal(403, "Requests of other pages are not answered.");
  }
  const site = headers.get("sec-fetch-site");
  const opened = method === "GET" && headers.get("sec-fetch-mode") === "navigate" && new URL(url).pathname === "/";
  if (site !== null && site !== "same-origin" && site !== "none" && !opened) {
    throw new Refusal(403, "Requests of other sites are not answered.");
  }
}

/** Whether a Host header names this machine in a way that no other site can choose. */
function isOwnHost(host: string, names: readonly string[]): boolean {
  const [, name] = host.match(/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i) ?? [];
  if (name === undefined) return false;
  const plain = name.replace(/^\[|\]$/g, "").toLowerCase();
  return plain === "localhost" || isIP(plain) !== 0 ||
    names.some((name) => name.toLowerCase() === plain);
}
