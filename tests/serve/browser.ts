/** A browser for tests of the page: Debian's Chromium, driven by Playwright, before a server with a made collection. */
import { pageApp } from "../../lib/serve/app.ts";
import type { Served } from "../../lib/serve/collection.ts";
import { type BrowserContextOptions, loadDriver, type Page } from "./playwright.ts";

const paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser of this machine, if it has one. */
export const chromium = paths.find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/** A page in a browser, and what it complained of. */
export interface Opened {
  page: Page;
  /** The address of the server, without the last slash. */
  address: string;
  /** Errors of scripts, and refusals of the content policy. */
  complaints: string[];
}

/** Opens the page of a server that serves `served`, and closes both afterwards. */
export async function withPage(
  served: Served,
  options: BrowserContextOptions,
  use: (opened: Opened) => Promise<void>,
): Promise<void> {
  const driver = await loadDriver(), app = await pageApp({ served });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, app.answer);
  const root = Deno.build.os === "linux" && Deno.uid() === 0;
  const browser = await driver.launch({ executablePath: chromium, args: root ? ["--no-sandbox"] : [] });
  try {
    const page = await (await browser.newContext(options)).newPage();
    page.setDefaultTimeout(15_000);
    const complaints: string[] = [], address = `http://127.0.0.1:${server.addr.port}`;
    page.on("pageerror", ({ message }) => void complaints.push(message));
    page.on("console", (said) => void (said.type() === "error" && complaints.push(said.text())));
    page.on("request", (request) => {
      if (!request.url().startsWith(`${address}/`)) complaints.push(`a request to ${request.url()}`);
    });
    await page.goto(address);
    await use({ page, address, complaints });
  } finally {
    await browser.close();
    await server.shutdown();
  }
}
