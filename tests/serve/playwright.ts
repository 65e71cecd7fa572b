/** The library that drives a browser: the one file that names it and its version. */
import type { BrowserType } from "npm:playwright-core@1.65.1";

export type { BrowserContextOptions, Page } from "npm:playwright-core@1.65.1";

/** Loads what drives Chromium; a machine without a browser never does. */
export async function loadDriver(): Promise<BrowserType> {
  return (await import("npm:playwright-core@1.65.1")).chromium;
}
