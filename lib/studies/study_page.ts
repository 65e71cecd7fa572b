/** A study's answer as one HTML page that needs nothing else. */
import { counted } from "../io/counted.ts";
import { escapeHtml, jupyterDisplay, type MimeBundle } from "../report/display.ts";
import type { Figure } from "../report/figure.ts";
import { page, scrollingTable } from "../report/page.ts";
import { headlineFigure } from "./headline_figure.ts";
import { studyNotes } from "./study_notes.ts";
import type { StudyResult } from "./study_result.ts";

/** Most bars of a figure whose names can be read beside each other. */
const mostBars = 14;

/** Makes the page as one HTML text. */
export async function studyPage(result: StudyResult): Promise<string> {
  const { study, unfinished } = result,
    paragraph = (text: string, style = "") => `<p${style && ` class="${style}"`}>${escapeHtml(text)}</p>`;
  const sections: string[] = [];
  for (const { title, note, shows } of await study.more?.(result) ?? []) {
    sections.push(
      `<h2>${escapeHtml(title)}</h2>`,
      ...(note ? [paragraph(note)] : []),
      inPage(await shows[jupyterDisplay]()),
    );
  }
  const bars = headlineFigure(result);
  const body = [
    paragraph(study.asks),
    ...(unfinished > 0
      ? [paragraph(`INCOMPLETE: ${counted(unfinished, "run is", "runs are")} not finished.`, "stamp")]
      : []),
    // The answer first: what the paper's claims became, the figure, then the numbers behind it.
    ...result.directions().map((line) => paragraph(line)),
    ...(legible(bars) ? [inPage(await bars[jupyterDisplay]())] : []),
    scrollingTable(result.table(), study.title),
    ...sections,
    "<h2>Notes</h2>",
    ...studyNotes(result).map((note) => paragraph(note, "note")),
  ];
  return page({ title: study.title, body: body.join("\n") });
}

/** Whether the names of bars have room beside each other; a study of more rows has a figure of its own. */
function legible({ chart }: Figure): boolean {
  return chart.series.every(({ x }) => x.length <= mostBars);
}

/** What a page shows of a result: its HTML, or its image. */
function inPage(bundle: MimeBundle): string {
  const { "text/html": html, "image/png": image, "text/plain": text } = bundle;
  if (typeof html === "string") return `<div class="scroll" tabindex="0">${html}</div>`;
  if (typeof image !== "string") return `<pre>${escapeHtml(String(text))}</pre>`;
  return `<img alt="${
    escapeHtml(String(text))
  }" style="max-width:100%;background:#fff" src="data:image/png;base64,${image}">`;
}
