/** The site from the committed notebooks and documents: pictures, figures, links, and what is refused. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { dirname, join } from "node:path/posix";
import { buildSite } from "../../../scripts/docs/build_site.ts";
import { headingAnchor, renderMarkdown } from "../../../scripts/docs/markdown.ts";
import { type Notebook, type Output, outputsOf, readNotebook } from "../../../scripts/docs/notebook.ts";
import { renderNotebook } from "../../../scripts/docs/notebook_page.ts";

const root = new URL("../../../", import.meta.url).pathname;

async function inTempFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir(), before = Deno.cwd();
  Deno.chdir(root);
  try {
    await work(folder);
  } finally {
    Deno.chdir(before);
    await Deno.remove(folder, { recursive: true });
  }
}

const list = (folder: string, end: string) =>
  [...Deno.readDirSync(`${root}${folder}`)].map(({ name }) => `${folder}/${name}`).filter((name) => name.endsWith(end))
    .sort();
const notebooks = list("notebooks", ".ipynb");
const documents = [
  "README.md",
  "STATUS.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "data/README.md",
  ...list("docs", ".md"),
];
const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;
const withoutScripts = (html: string) => html.replace(/<(script|style)\b[^>]*>[^]*?<\/\1>/g, "");

Deno.test("buildSite: committed notebooks keep every output and picture, and every link inside the site leads somewhere", () =>
  inTempFolder(async (out) => {
    await Deno.mkdir(`${out}/results/made`, { recursive: true });
    await Deno.writeTextFile(`${out}/results/made/figures.csv`, "study\n");
    await Deno.writeTextFile(`${out}/results/made/report.html`, "<title>A made &amp; true study</title><p>Table");
    await Deno.mkdir(`${out}/results/cirr-val`);
    await Deno.writeTextFile(`${out}/results/cirr-val/report.html`, "<title>No study</title>");
    const site = `${out}/site`;
    const paths = await buildSite({
      out: site,
      notebooks,
      documents,
      studies: `${out}/results`,
      withApi: false,
    });
    assertEquals(paths.length, notebooks.length + documents.length + 2);
    const pages = new Map(
      await Promise.all(paths.map(async (path) => {
        return [path, await Deno.readTextFile(`${site}/${path}`)] as const;
      })),
    );

    for (const file of notebooks) {
      const html = pages.get(file.replace(".ipynb", ".html"))!, notebook = await readNotebook(file);
      const outputs = notebook.cells.flatMap(({ outputs = [] }) => outputs);
      assertEquals(count(html, /<div class="output">/g), outputs.length, file);
      assertEquals(
        count(html, /<img src="data:image\/png;base64,[\w+/=]{100,}"/g),
        outputsOf(notebook, "image/png").length,
      );
      for (const png of outputsOf(notebook, "image/png")) assert(html.includes(png.trim()), `${file} lacks a picture`);
      const plots = outputs.filter(({ data }) => data?.["application/vnd.plotly.v1+json"]).length;
      assertEquals(count(html, /<div class="plot"/g), plots);
      assertEquals(html.includes("plotly-basic.min.js"), plots > 0);
    }
    for (const file of documents) {
      const shown = count(await Deno.readTextFile(file), /^!\[/gm), html = pages.get(file.replace(".md", ".html"))!;
      assertEquals(count(html, /<img src="data:image\/svg\+xml;base64,[\w+/=]{100,}"/g), shown, file);
    }
    const index = pages.get("index.html")!;
    assertEquals(count(index, /<img src="data:image\/webp;base64,[\w+/=]{1000,}"/g), notebooks.length);
    assert(index.includes("<h3>A made &amp; true study</h3>") && !index.includes("No study"));

    let followed = 0;
    for (const [path, html] of pages) {
      const text = withoutScripts(html);
      for (const [, address] of text.matchAll(/\bhref="([^"]*)"/g)) {
        if (/^(https?:|mailto:)/.test(address)) continue;
        const [to, anchor] = address.split("#"), target = to === "" ? path : join(dirname(path), to);
        assert(pages.has(target), `${path} links to ${address}, which is not there`);
        if (anchor) assert(pages.get(target)!.includes(`id="${anchor}"`), `${path} links to ${address}`);
        followed++;
      }
      // What a page loads: pictures inside of it, and plotly from the site itself.
      for (const [, address] of html.matchAll(/<(?:img|script|link|iframe)\b[^>]*?(?:src|href)="([^"]*)"/g)) {
        if (/^data:/.test(address)) continue;
        assertEquals(join(dirname(path), address), "assets/plotly-basic.min.js", path);
        assert((await Deno.stat(`${site}/assets/plotly-basic.min.js`)).size > 1e6);
      }
    }
    assert(followed > 100);
  }));

const made = (outputs: Output[]): Notebook => ({
  cells: [
    { cell_type: "markdown", source: "# Made `well`\n\nSays *what* it is & shows.\n\nMore.", metadata: {} },
    { cell_type: "code", source: "import x", metadata: { tags: ["silent"] }, outputs: [] },
    { cell_type: "code", source: "show()", metadata: {}, outputs },
  ],
});
const result = (data: Record<string, unknown>): Output => ({ output_type: "execute_result", data });

Deno.test("renderNotebook: the richest representation is shown, and a figure keeps its picture", () => {
  const figure = { data: [{ type: "bar" }], layout: { title: { text: "Bars </script>" } } };
  const { title, summary, html, hasPlots } = renderNotebook(
    made([
      result({ "text/html": "<table><tr><td>1</td></tr></table>", "text/plain": "1" }),
      result({ "application/vnd.plotly.v1+json": figure, "image/png": "AAAA", "text/plain": "bars" }),
      result({ "text/plain": ['"\u001b[32ma <b>\u001b[39m"'] }),
      { output_type: "stream", text: ["one\n", "two"] },
    ]),
    "made.ipynb",
  );
  assertEquals([title, summary, hasPlots], ["Made well", "Says what it is & shows.", true]);
  assertEquals(count(html, /<div class="output">/g), 4);
  for (
    const part of [
      'tabindex="0"><table>',
      '<img src="data:image/png;base64,AAAA" alt="bars">',
      "<b>Bars &lt;/script&gt;</b>",
      "<pre>a &lt;b&gt;</pre>",
      "<pre>one\ntwo</pre>",
      "<summary>Imports</summary>",
    ]
  ) assert(html.includes(part), part);
  // The basic bundle draws no surface, so its picture stays one.
  const surface = { data: [{ type: "surface" }], layout: {} };
  const still = renderNotebook(
    made([result({ "application/vnd.plotly.v1+json": surface, "image/png": "AAAA" })]),
    "made.ipynb",
  );
  assertEquals([still.hasPlots, still.html.includes("data:image/png")], [false, true]);
});

Deno.test("renderNotebook: dropped outputs, failed cells and what a page cannot show are refused", () => {
  const refused = (outputs: Output[], message: string) =>
    assertThrows(() => renderNotebook(made(outputs), "made.ipynb"), Error, message);
  refused([], "Rendering made.ipynb failed: cells show nothing (show()); run it with deno task notebooks --write.");
  refused(
    [{ output_type: "error", ename: "TypeError", evalue: "x is 1" }],
    "Rendering made.ipynb failed: a cell ended with TypeError: x is 1; run it again.",
  );
  refused([result({ "application/x": "1" })], "an output is application/x, which a page cannot show");
  refused([result({})], "an output is empty, which a page cannot show");
});

Deno.test("buildSite: a notebook without outputs makes no site", () =>
  inTempFolder(async (out) => {
    const stripped = await readNotebook(notebooks[0]);
    for (const cell of stripped.cells) if (cell.cell_type === "code") cell.outputs = [];
    await Deno.writeTextFile(`${out}/stripped.ipynb`, JSON.stringify(stripped));
    await assertRejects(
      () =>
        buildSite({
          out: `${out}/site`,
          notebooks: [`${out}/stripped.ipynb`],
          documents: ["README.md"],
          withApi: false,
        }),
      Error,
      "cells show nothing",
    );
    assertEquals(await Deno.stat(`${out}/site/index.html`).then(() => true, () => false), false);
  }));

Deno.test("renderMarkdown: GitHub's anchors, links through the site, code as it is", () => {
  assertEquals(headingAnchor("What was *not* run, and why (B.3)"), "what-was-not-run-and-why-b3");
  const { title, html } = renderMarkdown(
    "# The `page`\n\n## A\n\n## A\n\n[kept](docs/a.md) [gone](lib/)\n\n```ts\nconst a = 1 < 2;\n```\n\n| a |\n| - |\n| 1 |\n",
    (address) => address === "docs/a.md" ? "a.html" : undefined,
  );
  assertEquals(title, "The page");
  for (const part of ['id="a"', 'id="a-1"', '<a href="a.html">kept</a> gone', "&lt;", 'tabindex="0"><table>']) {
    assert(html.includes(part), part);
  }
  assert(!html.includes("<h1"));
});

Deno.test("buildSite: the image of a document stands in its page, and one that is not there is refused", () =>
  inTempFolder(async (out) => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg">${"<g/>".repeat(30)}</svg>`;
    await Deno.mkdir(`${out}/images`);
    await Deno.writeTextFile(`${out}/images/made.svg`, svg);
    await Deno.writeTextFile(`${out}/page.md`, "# A\n\n![A <figure>](images/made.svg)\n");
    await buildSite({ out: `${out}/made`, notebooks: [], documents: [`${out}/page.md`], withApi: false });
    const html = await Deno.readTextFile(`${out}/made${out}/page.html`);
    assert(html.includes(`<img src="data:image/svg+xml;base64,${btoa(svg)}" alt="A &lt;figure&gt;">`));
    await Deno.writeTextFile(`${out}/README.md`, "# A\n\n![A figure](images/missing.svg)\n");
    await assertRejects(
      () => buildSite({ out: `${out}/site`, notebooks: [], documents: [`${out}/README.md`], withApi: false }),
      Error,
      'images/missing.svg is no SVG that is there; "deno task reproduce STUDY" writes figures as SVG.',
    );
  }));
