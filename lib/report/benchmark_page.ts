/** The page of an evaluation: its figures with their stamp, and some queries with their best images to look at. */
import { loadSharp } from "../io/load_sharp.ts";
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import type { Box } from "../clip/images/preprocess.ts";
import type { RankingResult } from "../evaluation/rank_part.ts";
import { escapeHtml } from "./display.ts";
import type { Table } from "./table.ts";

/** What a page shows of images: a file, or where captions stand for images, a caption. */
export interface ImageSource {
  files: ReadonlyMap<string, { path: string; crop?: Box }>;
  captions?: ReadonlyMap<string, readonly string[]>;
}

/** One query to show. */
export interface ShownQuery {
  part: BenchmarkPart;
  answer: RankingResult;
  /** The same query asked another way, such as with the frozen encoder. */
  before?: RankingResult;
}

const side = 96, best = 5;

/**
 * Chooses queries to show: at even distances over the file, so that good and bad ones are among them.
 * @param before answers of another way of asking to the same queries
 */
export function chooseQueries(
  parts: readonly BenchmarkPart[],
  answers: readonly RankingResult[],
  before: readonly RankingResult[] | undefined,
  count: number,
): ShownQuery[] {
  const partOf = new Map(parts.map((part) => [part.part, part]));
  const every = Math.max(1, Math.floor(answers.length / count));
  return answers.flatMap((answer, i) =>
    i % every === 0 && i / every < count ? [{ part: partOf.get(answer.part)!, answer, before: before?.[i] }] : []
  );
}

/** The page as one HTML text. @throws {Error} if an image cannot be read */
export async function benchmarkPage(
  title: string,
  facts: readonly string[],
  table: Table,
  shown: readonly ShownQuery[],
  source: ImageSource,
): Promise<string> {
  const rows: string[] = [];
  for (const { part, answer, before } of shown) {
    const query = part.queries.find(({ id }) => id === answer.query)!;
    const right = new Set(query.targets);
    const list = async (found: RankingResult) => {
      const top = found.top.length > 0 ? found.top : found.group ?? [];
      return (await Promise.all(top.slice(0, best).map((id) => cell(id, source, right.has(id))))).join("");
    };
    const rank = (found: RankingResult) => found.ranks.length === 0 ? "" : ` rank ${found.ranks[0] ?? "none"}`;
    rows.push(
      `<tr><td>${await cell(query.reference, source, false)}</td><td class="text">${
        query.texts.map(escapeHtml).join("<br>")
      }<br><small>${escapeHtml(answer.part)} ${escapeHtml(answer.query)}</small></td>` +
        (before ? `<td class="list"><small>before:${rank(before)}</small><br>${await list(before)}</td>` : "") +
        `<td class="list"><small>${before ? "after:" : ""}${rank(answer)}</small><br>${await list(answer)}</td></tr>`,
    );
  }
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
body { font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; max-width: 1400px; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; font-size: 13px } th, td { padding: 4px 8px; border-bottom: 1px solid #ddd; vertical-align: top }
.wide { overflow-x: auto } .text { max-width: 18em } .list { white-space: nowrap }
.p { display: inline-block; box-sizing: border-box; width: ${
    side + 6
  }px; min-height: 40px; border: 3px solid transparent;
  white-space: normal; font-size: 11px; line-height: 1.25; vertical-align: top; overflow-wrap: anywhere }
.p.right { border-color: #009e73 } .p img { display: block; width: ${side}px }
.stamp { color: #b00020; font-weight: bold }
</style></head><body>
<h1>${escapeHtml(title)}</h1>
${
    facts.map((fact) => `<p${/^INCOMPLETE|^CAPTIONS/.test(fact) ? ' class="stamp"' : ""}>${escapeHtml(fact)}</p>`).join(
      "\n",
    )
  }
<div class="wide">${table.html()}</div>
<h2>Some queries with their best five</h2>
<p>At even distances over the queries, not chosen by their run. A green frame marks a correct answer.</p>
<div class="wide"><table>${rows.join("\n")}</table></div>
</body></html>
`;
}

async function cell(id: string, { files, captions }: ImageSource, right: boolean): Promise<string> {
  const inside = captions
    ? escapeHtml(captions.get(id)?.[0] ?? "(no caption)")
    : files.has(id)
    ? `<img alt="${escapeHtml(id)}" title="${escapeHtml(id)}" src="data:image/jpeg;base64,${await thumbnail(
      files.get(id)!,
    )}">`
    : "(missing)";
  return `<span class="p${right ? " right" : ""}">${inside}</span>`;
}

async function thumbnail({ path, crop }: { path: string; crop?: Box }): Promise<string> {
  const sharp = await loadSharp();
  let image = sharp(path);
  if (crop) {
    const { width = 0, height = 0 } = await image.metadata();
    const left = Math.max(0, crop[0]), top = Math.max(0, crop[1]);
    image = image.extract({
      left,
      top,
      width: Math.min(width, crop[0] + crop[2]) - left,
      height: Math.min(height, crop[1] + crop[3]) - top,
    });
  }
  const bytes = await image.flatten({ background: "#fff" }).resize(side, side, { fit: "inside" }).jpeg({
    quality: 80,
  })
    .toBuffer();
  return new Uint8Array(bytes).toBase64();
}
