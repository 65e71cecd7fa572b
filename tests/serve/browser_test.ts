import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { packageText } from "../../lib/io/package_file.ts";
import type { Served } from "../../lib/serve/collection.ts";
import { chromium, withPage } from "./browser.ts";
import { madeServed } from "./made_collection.ts";
import type { Page } from "./playwright.ts";

const image = new URL("../goldens/images/photo_420.jpg", import.meta.url).pathname;
const wide = { width: 1280, height: 900 }, narrow = { width: 400, height: 800 };

/** Registers a test that needs a browser; without one it is skipped, and says so. */
function browserTest(name: string, fn: () => Promise<void>): void {
  const ignore = chromium === undefined;
  // Playwright keeps a connection and timers of its own.
  const checks = { sanitizeOps: false, sanitizeResources: false };
  Deno.test({ name: ignore ? `${name} (skipped: there is no Chromium)` : name, ignore, ...checks, fn });
}

/** Waits until the results are those of a query, and returns the names on each side. */
async function found(page: Page, status: RegExp | string): Promise<{ before: string[]; after: string[] }> {
  await page.locator("#status").filter({ hasText: status }).waitFor();
  const names = (side: string) => page.locator(`${side} .hit .label`).allTextContents();
  return { before: await names("#frozen"), after: await names("#fine-tuned") };
}

/** Whether something is wider than the window. */
const overflows = (page: Page) =>
  page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");

for (const [name, viewport] of Object.entries({ "1280": wide, "400": narrow })) {
  browserTest(
    `page: a person's round at ${name} pixels: open, choose, type, compare, click on, back`,
    () =>
      withPage(madeServed(), { viewport }, async ({ page, complaints }) => {
        // A first look shows a result, and both sides of it.
        const first = await found(page, "first after RTD: green circle");
        assertEquals([first.before[0], first.after[0]], ["red square", "green circle"]);
        assertEquals(await page.locator("#fine-tuned .hit").first().locator(".moved").textContent(), "was 3");
        assertEquals(await page.locator("#text").inputValue(), "is green");

        await page.getByRole("button", { name: "blue square" }).last().click();
        await found(page, "by the image alone");
        assert(!await page.locator("#fine-tuned").isVisible());
        assertEquals(await page.locator("#reference-image img").getAttribute("alt"), "Reference: blue square");
        await page.locator("#text").fill("is red");
        await page.getByRole("button", { name: "Search", exact: true }).click();
        const second = await found(page, "first before: red square");
        assertEquals([second.before.length, second.after.length], [5, 5]);

        await page.locator("#fine-tuned .hit").first().click();
        await found(page, "by the image alone");
        const path = page.getByRole("navigation", { name: "Path of this search" });
        assertEquals(await path.getByRole("listitem").allTextContents(), ["is red", "green circle"]);
        assertStringIncludes(page.url(), "step=5%3Ais+red&step=1%3A");

        await page.goBack();
        await found(page, "first before: red square");
        assertEquals(await page.locator("#text").inputValue(), "is red");
        assert(!await path.isVisible());
        await page.goForward();
        await path.getByRole("button", { name: "is red" }).click();
        await found(page, "first before: red square");

        // An address says it all: a reload shows the same.
        await page.reload();
        assertEquals((await found(page, "first before: red square")).after, second.after);
        assertEquals([complaints, await overflows(page)], [[], false]);
      }),
  );
}

browserTest(
  "page: the same round with the keyboard alone, and the focus is always to be seen",
  () =>
    withPage(madeServed(), { viewport: wide }, async ({ page, complaints }) => {
      await found(page, "first after RTD");
      const focus = () =>
        page.evaluate("document.activeElement.id || document.activeElement.textContent") as Promise<string>;
      await page.keyboard.press("Tab");
      assertEquals(await focus(), "Skip to the results");
      assert(await page.locator(".skip").isVisible());
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      assertStringIncludes(await focus(), "red square");
      await page.keyboard.press("ArrowRight");
      assertStringIncludes(await focus(), "green square");
      const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
      assertEquals(outline, "solid");
      await page.keyboard.press("Enter");
      await found(page, "by the image alone");
      // The next thing to do is to type what should be different.
      assertEquals(await focus(), "text");
      await page.keyboard.type("is a/b");
      await page.keyboard.press("Enter");
      await found(page, "first before: red square");
      await page.keyboard.press("Tab");
      await page.keyboard.press("/"); // on a button: to the text
      assertEquals(await focus(), "text");
      // What Alt and the left arrow do in a browser with a window.
      await page.goBack();
      await found(page, "by the image alone");
      await page.goBack();
      await found(page, "first after RTD: green circle");

      await page.locator("#method").focus();
      await page.keyboard.type("sum");
      await page.locator("#weight").focus();
      const asked = page.waitForRequest(/api\/search/);
      await page.keyboard.press("ArrowRight");
      assertStringIncludes((await asked).postData()!, '"method":"sum","weight":0.55');
      assertStringIncludes(page.url(), "method=sum&weight=55");
      assertEquals(complaints, []);
    }),
);

browserTest("page: axe finds nothing serious, in light and dark, wide and narrow", async () => {
  const axe = await packageText("npm:axe-core@4.14.1", "axe.min.js");
  for (
    const [viewport, colorScheme] of [[wide, "light"], [narrow, "dark"], [wide, "dark"], [narrow, "light"]] as const
  ) {
    await withPage(madeServed(), { viewport, colorScheme }, async ({ page }) => {
      await found(page, "first after RTD");
      const check = async (what: string) => {
        await page.evaluate(`${axe}; undefined`);
        const violations = await page.evaluate(
          "axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => [impact, id, nodes[0].html]))",
        ) as [string, string, string][];
        assertEquals([what, violations.filter(([impact]) => impact === "serious" || impact === "critical")], [
          what,
          [],
        ]);
      };
      await check("results");
      await page.locator("#method").selectOption("sum");
      await page.locator("#fine-tuned .hit").first().click();
      await found(page, "by the image alone");
      await check("a path");
      await page.locator("#clear").click();
      await page.locator("#status").filter({ hasText: "hand one over" }).waitFor();
      await check("nothing chosen");
    });
  }
});

browserTest("page: while the encoder is trained the frozen side is shown, and the other as soon as it is there", () => {
  const ready = madeServed(), collection = ready.collection!;
  const search = collection.search.bind(collection);
  const served: Served = {
    fineTuned: "in training",
    fineTuning: "RTD",
    device: "a device",
    stage: { title: "Drawing", done: 1, total: 4 },
  };
  collection.search = async (query) => {
    const results = await search(query);
    return served.fineTuned === "ready" ? results : { ...results, fineTuned: undefined };
  };
  return withPage(served, { viewport: wide }, async ({ page, complaints }) => {
    await page.getByText("Drawing: 1 of 4").waitFor();
    assertEquals(await page.locator("#loading-bar").getAttribute("value"), "1");
    Object.assign(served, { collection, stage: { title: "Fine-tuning", done: 3, total: 9, secondsLeft: 6 } });
    await page.getByText("Fine-tuning: 3 of 9").waitFor();
    assertStringIncludes((await page.locator("#training-note").textContent())!, "About 6 s left.");
    assertEquals((await found(page, "first: red square")).after, []);
    Object.assign(served, { fineTuned: "ready", stage: undefined });
    assertEquals((await found(page, "RTD is ready.")).after[0], "green circle");
    assert(!await page.locator("#training-bar").isVisible());
    assertEquals(complaints, []);
  });
});

browserTest(
  "page: an image is handed over as a file, by drop or by paste, and what is none is refused",
  () =>
    withPage(madeServed(), { viewport: narrow }, async ({ page }) => {
      await found(page, "first after RTD");
      await page.locator("#file").setInputFiles(image);
      await page.locator("#reference-image img[src^='/uploads/']").waitFor();
      assertEquals(await page.locator("#text").inputValue(), "is green"); // what was typed stays
      const bytes = JSON.stringify([...await Deno.readFile(image)]);
      const hand = (kind: string, type: string) =>
        page.evaluate(`{
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(${bytes})], "x", { type: "${type}" }));
        const event = "${kind}" === "paste" ? new ClipboardEvent("paste", { clipboardData: data, cancelable: true })
          : new DragEvent("${kind}", { dataTransfer: data, cancelable: true });
        dispatchEvent(event);
      }`);
      const shown = () => page.locator("#reference-image img").getAttribute("src");
      let last = await shown();
      for (const kind of ["drop", "paste"]) {
        await hand(kind, "image/jpeg");
        await page.locator(`#reference-image img:not([src='${last}'])`).waitFor();
        last = await shown();
      }
      await hand("dragover", "image/jpeg");
      assert(await page.locator("#drop").isVisible());
      await hand("drop", "text/plain");
      assertEquals(await page.getByRole("alert").textContent(), "That is not an image; hand over a JPEG, PNG or WebP.");
      assert(!await page.locator("#drop").isVisible());
      assertEquals(await shown(), last);
    }),
);

browserTest("page: a server that is gone or has forgotten an image is said, with a way to try again", () => {
  const served = madeServed(), search = served.collection!.search;
  return withPage(served, { viewport: wide }, async ({ page, address }) => {
    await found(page, "first after RTD");
    await page.route("**/api/search", (route) => route.abort());
    await page.getByRole("button", { name: "Search", exact: true }).click();
    const alert = page.getByRole("alert");
    await alert.getByText("The server does not answer. Is its command still running in the terminal?").waitFor();
    await page.unroute("**/api/search");
    await alert.getByRole("button", { name: "Try again" }).click();
    await found(page, "first after RTD");
    assert(!await alert.isVisible());
    served.collection!.search = search;
    await page.goto(`${address}/?step=00000000-0000-0000-0000-000000000000:is+green`);
    await alert.getByText("Your image is not kept any more; hand it over again.").waitFor();
    await page.getByText("Not kept any more", { exact: true }).waitFor();
  });
});
