/** The site: a gallery of notebooks, their pages, the documents, the studies' pages. The API is written beside them. */
import { basename, dirname, join } from "node:path/posix";
import { writeAtomically } from "../../lib/io/atomic_write.ts";
import { isFile } from "../../lib/io/read_file.ts";
import { escapeHtml } from "../../lib/report/display.ts";
import { plotlyScript } from "../../lib/report/page_figures.ts";
import { renderMarkdown } from "./markdown.ts";
import { readNotebook } from "./notebook.ts";
import { renderNotebook } from "./notebook_page.ts";
import { plotlyFile, plotsHead } from "./plots.ts";
import { addressFrom, sitePage } from "./site_page.ts";
import { notebookThumbnail } from "./thumbnail.ts";

/** What a site is built from. */
export interface SiteOptions {
  /** Folder of the site, made anew. */
  out: string;
  /** Paths of the notebooks, as they are committed. */
  notebooks: readonly string[];
  /** Paths of the documents; the first is the README. */
  documents: readonly string[];
  /** Folder with a folder for each study, as `reproduce` writes them; it may be missing. */
  studies?: string;
  /** Whether the API's pages will be in `api/`. */
  withApi: boolean;
}

/** A card of the gallery. */
interface Card {
  path: string;
  title: string;
  text: string;
  /** Address of its picture. */
  picture?: string;
}

const apiPage = "api/index.html";

/**
 * Builds the site, except for the API.
 *
 * @returns the paths of its pages
 * @throws {Error} if a notebook was not executed, has failed, or shows something that a page cannot
 */
export async function buildSite({ out, notebooks, documents, studies, withApi }: SiteOptions): Promise<string[]> {
  const pathOf = (file: string) => file.replace(/\.(md|ipynb)$/, ".html");
  const pages = new Set([...notebooks, ...documents].map(pathOf)), written: string[] = [];
  const links: [string, string][] = [
    ["index.html", "Gallery"],
    ...documents.map((file): [string, string] => [pathOf(file), documentName(file)]),
    ...(withApi ? [[apiPage, "API"] as [string, string]] : []),
  ];
  const write = async (path: string, text: string) => {
    await writeAtomically(join(out, path), text);
    written.push(path);
  };

  /** Leads to the page of a file of the repository; what has no page is not linked. */
  const linkFrom = (file: string) => (address: string): string | undefined => {
    if (/^(https?:|mailto:|#)/.test(address)) return address;
    const [path, anchor] = address.split("#"), target = pathOf(join(dirname(file), path));
    return pages.has(target) ? addressFrom(pathOf(file), target) + (anchor ? `#${anchor}` : "") : undefined;
  };

  const cards: Card[] = [];
  let plots = false;
  for (const file of notebooks) {
    const notebook = await readNotebook(file), path = pathOf(file);
    const { title, summary, html, hasPlots } = renderNotebook(notebook, file, linkFrom(file));
    plots ||= hasPlots;
    const head = hasPlots ? plotsHead(addressFrom(path, plotlyFile)) : "";
    await write(path, sitePage({ path, title, body: html, head, links }));
    cards.push({ path, title, text: summary, picture: await notebookThumbnail(notebook, file) });
  }
  if (plots) {
    await writeAtomically(join(out, plotlyFile), await plotlyScript());
  }
  for (const file of documents) {
    const text = await Deno.readTextFile(file), imageAt = (address: string) => inlineSvg(join(dirname(file), address));
    const { title = documentName(file), html } = renderMarkdown(text, linkFrom(file), imageAt);
    await write(pathOf(file), sitePage({ path: pathOf(file), title, body: html, links }));
  }
  const studyCards = studies === undefined ? [] : await copyStudies(studies, out);
  written.push(...studyCards.map(({ path }) => path));
  const body = [
    introduction(await Deno.readTextFile(documents[0])),
    `<h2>Notebooks</h2>${gallery(cards)}`,
    ...(studyCards.length > 0 ? [`<h2>Studies</h2>${gallery(studyCards)}`] : []),
    `<h2>Documents</h2><ul>${
      documents.map((file) => `<li><a href="${pathOf(file)}">${documentName(file)}</a></li>`).join("")
    }${withApi ? `<li><a href="${apiPage}">The API</a></li>` : ""}</ul>`,
  ];
  await write("index.html", sitePage({ path: "index.html", title: "RTD toolkit", body: body.join("\n"), links }));
  return written;
}

/** Returns the image of a document as an address that holds it. @throws {Error} if it is not there, or no SVG */
function inlineSvg(file: string): string {
  if (!file.endsWith(".svg") || !isFile(file)) {
    throw new Error(
      `Building the site failed: ${file} is no SVG that is there; "deno task reproduce STUDY" writes figures as SVG.`,
    );
  }
  return `data:image/svg+xml;base64,${Deno.readFileSync(file).toBase64()}`;
}

/** A document's name among the links, such as "Results". */
function documentName(file: string): string {
  const name = basename(file, ".md");
  if (name === "README") {
    return dirname(file) === "." ? "README" : `${dirname(file).replace(/^./, (c) => c.toUpperCase())}`;
  }
  return name.toLowerCase().replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase());
}

/** The first paragraph of the README. */
function introduction(readme: string): string {
  const { html } = renderMarkdown(readme, () => undefined);
  return html.match(/<p>[^]*?<\/p>/)?.[0] ?? "";
}

function gallery(cards: readonly Card[]): string {
  const items = cards.map(({ path, title, text, picture }) =>
    `<li><a href="${path}">${picture ? `<img src="${picture}" alt="" loading="lazy">` : ""}<h3>${
      escapeHtml(title)
    }</h3>` +
    `<p>${escapeHtml(text)}</p></a></li>`
  );
  return `<ul class="gallery">${items.join("\n")}</ul>`;
}

/**
 * Copies the pages of studies into `studies/`: of each folder that has a study's figures and its page. The pages load
 * nothing from elsewhere, so they need nothing beside them.
 */
async function copyStudies(folder: string, out: string): Promise<Card[]> {
  const cards: Card[] = [];
  for (const name of await studiesIn(folder)) {
    const html = await Deno.readTextFile(join(folder, name, "report.html"));
    const title = html.match(/<title>([^<]*)<\/title>/)?.[1] ?? name;
    await writeAtomically(join(out, "studies", `${name}.html`), html);
    cards.push({ path: `studies/${name}.html`, title: unescapeHtml(title), text: `deno task reproduce ${name}` });
  }
  return cards;
}

async function studiesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (["figures.csv", "report.html"].every((file) => isFile(join(folder, name, file)))) found.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort();
}

function unescapeHtml(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}
