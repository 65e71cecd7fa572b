/** The files of the page, as they lie beside this module. */

/** The names of the files; the first is the page itself. */
const names = [
  ...["index.html", "page.css", "icon.svg"],
  ...["page.js", "address.js", "elements.js", "model.js", "progress_view.js", "query_view.js", "reference.js"],
  ...["results.js", "search_view.js", "server.js"],
];

const types: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** A file of the page. */
export interface PageFile {
  /** Its content. */
  text: string;
  /** Its media type. */
  type: string;
}

/** Reads all files of the page, by the path of their address. */
export async function pageFiles(): Promise<Map<string, PageFile>> {
  const entries = names.map(async (name) => {
    const address = new URL(`./page/${name}`, import.meta.url).href;
    // As a module, so that they are found however the library was imported.
    const { default: text }: { default: string } = await import(address, { with: { type: "text" } });
    return [name === "index.html" ? "/" : `/${name}`, { text, type: types[name.split(".")[1]] }] as const;
  });
  return new Map(await Promise.all(entries));
}
