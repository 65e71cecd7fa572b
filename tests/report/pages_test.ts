import { assert, assertEquals } from "@std/assert";
import type { BenchmarkName, BenchmarkPart } from "../../lib/benchmarks/benchmark.ts";
import { clipPreprocessing } from "../../lib/clip/images/preprocess.ts";
import { emojiQueries } from "../../lib/emoji/data/benchmark.ts";
import type { EmojiScores } from "../../lib/emoji/evaluation/scores.ts";
import { demoHeadline, demoPage } from "../../lib/emoji/report/demo_page.ts";
import { emojiTable } from "../../lib/emoji/report/emoji_table.ts";
import { queryGrid, winsAndLosses } from "../../lib/emoji/report/query_grid.ts";
import type { Evaluation } from "../../lib/evaluation/evaluate_benchmark.ts";
import type { EvaluationRow } from "../../lib/evaluation/evaluation_row.ts";
import { meanMetrics, partMetrics } from "../../lib/evaluation/metrics.ts";
import type { RankingResult } from "../../lib/evaluation/rank_part.ts";
import { metricIntervals } from "../../lib/evaluation/ranking_results.ts";
import { benchmarkPage } from "../../lib/report/benchmark_page.ts";
import { evaluationTable } from "../../lib/report/evaluation_table.ts";
import { figure } from "../../lib/report/figure.ts";
import { table } from "../../lib/report/table.ts";
import { smallBenchmark } from "../emoji/small_benchmark.ts";

const elementsWithoutEnd = new Set(["meta", "img", "br", "hr", "link", "input"]);
const phrasing = new Set(["b", "strong", "small", "span", "img", "br", "svg"]);

// The messages do not repeat a whole page with its images.
function assertHas(text: string, part: string): void {
  assert(text.includes(part), `"${part}" is missing`);
}

function assertMatch(text: string, pattern: RegExp): void {
  assert(pattern.test(text), `${pattern} is not in: ${text.slice(0, 300)}`);
}

/** Removes the contents of scripts and of drawings, whose elements are not HTML's. */
function markup(html: string): string {
  return html.replace(/<(script|style)>[^]*?<\/\1>/g, "<$1></$1>");
}

/** Fails where an element ends that is not open, stays open, or stands in a paragraph where it ends that silently. */
function assertNesting(html: string): void {
  const open: string[] = [];
  for (const [tag, end, name, attributes] of markup(html).matchAll(/<(\/?)([a-zA-Z][\w:-]*)((?:\s[^>]*)?)>/g)) {
    if (end) assertEquals(open.pop(), name, `${tag} ends another element`);
    else {
      const paragraph = open.lastIndexOf("p");
      if (paragraph >= 0 && !open.includes("svg")) assert(phrasing.has(name), `<${name}> in a paragraph`);
      if (!elementsWithoutEnd.has(name) && !attributes.endsWith("/")) open.push(name);
    }
  }
  assertEquals(open, []);
}

/** Fails where a page would load something, repeats an id, or has an image without a name. */
function assertSound(html: string): void {
  assertNesting(html);
  const text = markup(html);
  for (const [, address] of text.matchAll(/(?:src|href|srcset|action)\s*=\s*"([^"]*)"|<(?:link|iframe)\b/g)) {
    assert(address !== undefined && /^(data:|#)/.test(address), `loads ${address}`);
  }
  const style = html.match(/<style>[^]*?<\/style>/g)!.join("");
  assert(!/@import|url\(/.test(style), "the style loads something");
  const ids = [...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
  assertEquals(ids.length, new Set(ids).size, "an id stands twice");
  for (const [image] of text.matchAll(/<img\b[^>]*>/g)) assertMatch(image, /\salt="[^"]+"/);
  // Drawings inside of a drawing, or of a chart that has a name, belong to it.
  const outer = text.replace(/<svg[^>]*aria-hidden="true"[^>]*>[^]*?<\/defs><\/svg>/g, "")
    .replace(/<noscript>[^]*?<\/noscript>/g, "");
  for (const [image] of outer.matchAll(/<svg\b[^>]*>/g)) assertMatch(image, /role="img" aria-label="[^"]+"/);
  for (const [image] of outer.matchAll(/<div[^>]*class="chart"[^>]*>/g)) {
    assertMatch(image, /role="img" aria-label="[^"]+"/);
  }
}

/** Fails unless the texts stand in the page in this order. */
function assertOrder(html: string, texts: string[]): void {
  let at = -1;
  for (const text of texts) {
    const next = html.indexOf(text, at + 1);
    assert(next > at, `"${text}" is missing, or too early`);
    at = next;
  }
}

const cardsOf = (html: string) => html.split('<li class="card">').slice(1);

/** Scores of made rankings: the correct image is first where `hit` says so, else second. */
function madeScores(scores: Pick<EmojiScores, "queries" | "macroOver">, hit: (query: number) => boolean): EmojiScores {
  const right = scores.queries.map((_, i) => hit(i));
  const r1 = 100 * right.filter(Boolean).length / right.length;
  return {
    ...scores,
    method: "phi + text",
    setting: { wording: "seen", references: "noto", keepReference: false },
    kinds: {},
    macro: { "R@1": r1, "R@5": 100, "R@10": 100 },
    familyR1: 0,
    gallery: 3706,
    withoutReference: 0,
    results: scores.queries.map(({ reference, target }, i) => {
      const [one, other] = [`noto/${target.code}`, `noto/${reference.code}`];
      const top = right[i] ? [one, other] : [other, one];
      return { part: "emoji", query: String(i), ranks: [right[i] ? 1 : 2], top };
    }),
  };
}

Deno.test("the demo's page begins with the result and names each query's kind of edit", async () => {
  const benchmark = await smallBenchmark(), all = emojiQueries(benchmark, "test");
  const kinds = ["gender", "tone", "two"] as const;
  // Two queries of a kind, of different families: with one of them won, the gain is 50 and its interval has a width.
  const queries = kinds.flatMap((kind) => {
    const same = all.filter((query) => query.kind === kind);
    return [same[0], same.find(({ reference }) => reference.family !== same[0].reference.family)!];
  });
  const macroOver = [...kinds];
  const before = madeScores({ queries, macroOver }, () => false);
  const after = madeScores({ queries, macroOver }, (i) => i % 2 === 0);
  const rows = winsAndLosses(before, after);
  const grid = queryGrid(benchmark, [{ ...rows[0], text: 'is <b>a "test"</b> & more' }, ...rows.slice(1)]);
  const html = await demoPage({
    title: "RTD & the <embedded> benchmark",
    headline: demoHeadline(before, after),
    cost: "Plain retrieval 40.0 -> 39.0.",
    caution: "Nothing about photographs.",
    facts: ["60 steps."],
    table: emojiTable([{ name: "phi + text", main: before, side: {} }]),
    tableNote: "R@1 <by> kind.",
    figures: [figure({
      kind: "line",
      title: "Loss",
      xTitle: "step",
      yTitle: "loss",
      series: [{ name: "</script>", x: [1, 2], y: [2, 1] }],
    })],
    grid,
    sources: ["noto (Apache-2.0)"],
  });
  assertSound(html);
  const body = html.slice(html.indexOf("<main>"));
  const cards = cardsOf(body);
  assertOrder(body, [
    "<h1>RTD &amp; the &lt;embedded&gt; benchmark</h1>",
    "macro R@1",
    '<span class="before">0.0 -&gt;</span> <strong>50.0</strong>',
    "over 6 queries of 3 kinds of edit among 3706 drawings",
    "Plain retrieval 40.0 -&gt; 39.0.",
    "Nothing about photographs.",
    "60 steps.",
    "<table>",
    "R@1 &lt;by&gt; kind.",
    '<ol class="cards">',
    'class="chart"',
    "Drawings: noto (Apache-2.0).",
  ]);
  const [, low, high] = body.match(/\+50\.0 \[(-?[\d.]+), (-?[\d.]+)\]/)!.map(Number);
  assert(low < 50 && high > 50, `[${low}, ${high}] is no interval around 50`);

  assertEquals(cards.length, 3);
  assertEquals(cards.map((card) => card.match(/<p class="kind">Edit: ([^<]+)<\/p>/)?.[1]), [
    "gender",
    "skin tone",
    "two attributes",
  ]);
  assertHas(cards[0], "is &lt;b&gt;a &quot;test&quot;&lt;/b&gt; &amp; more");
  for (const card of cards) {
    assertOrder(card, ["before: <b>rank 2</b>", "after RTD: <b>rank 1</b>"]);
    assertEquals(card.match(/<li class="correct">/g)?.length, 2);
    assertEquals(card.match(/aria-label="correct"/g)?.length, 2);
    assertEquals(card.match(/<use href="#drawing-/g)?.length, 5);
    for (const [, code] of card.matchAll(/<use href="#(drawing-[^"]+)"/g)) assertHas(body, `id="${code}"`);
  }
  for (const text of ["gender", "skin tone", "two attributes"]) assertHas(grid.svg(), `>${text}</text>`);
  assert(!body.includes('</script>"') && body.includes("\\u003c/script>"), "the data ends the script");
  assertEquals(emojiTable([{ name: "phi + text", main: before, side: {} }]).columns.slice(0, 2), [
    "query method",
    "macro R@1",
  ]);
});

const image = (name: string) => new URL(`../goldens/images/${name}`, import.meta.url).pathname;
const files = ["photo_420.jpg", "rgb.png", "palette.png", "lossy.webp", "grey.jpg", "narrow_1x1000.png"];
const ids = files.map((name) => `image "${name}"`);

/** An evaluation of made rankings: query q asks for image q + 1, which stands at the rank that `ranks` says. */
function madeEvaluation(
  benchmark: BenchmarkName,
  partNames: string[],
  rows: { name: string; method?: EvaluationRow["method"]; fineTuned?: boolean; ranks: number[] }[],
  { secret = false, captions = false, missing = [] as string[], stamps = [] as string[], marks = [] as string[] } = {},
): Evaluation {
  const parts = partNames.map((part): BenchmarkPart => ({
    benchmark,
    split: "val",
    part,
    gallery: ids,
    images: new Map(ids.map((id) => [id, { paths: [] }])),
    queries: rows[0].ranks.map((_, q) => ({
      id: `q${q}`,
      reference: ids[q],
      texts: [`makes it <i>${q}</i>`],
      targets: secret ? [] : [ids[q + 1]],
      excluded: [],
    })),
  }));
  const results = (ranks: number[]) =>
    parts.flatMap(({ part }) =>
      ranks.map((rank, q): RankingResult => {
        const others = ids.filter((id) => id !== ids[q + 1]);
        const top = [...others.slice(0, rank - 1), ids[q + 1], ...others.slice(rank - 1)];
        return { part, query: `q${q}`, ranks: secret ? [] : [rank], top };
      })
    );
  return {
    data: {
      benchmark,
      split: "val",
      root: "/data",
      parts,
      files: ids.map((id, i) => ({ id, path: image(files[i]), crop: i === 0 ? [0, 0, 9, 9] as const : undefined }))
        .filter(({ id }) => !missing.includes(id)),
      captions: captions ? new Map(ids.map((id) => [id, [`a caption of <${id}>`]])) : undefined,
      missing: { images: 0, gallery: 0, references: 0, targets: 0 },
      stamps,
      marks,
      counts: "as-found",
      wording: "paper",
      annotations: "made",
    },
    rows: rows.map(({ name, method = "phi + text", fineTuned = false, ranks }) => {
      const own = results(ranks);
      const figures = secret ? [] : parts.map((part): [string, EvaluationRow["parts"][string]] => {
        const ofPart = own.filter((result) => result.part === part.part);
        return [part.part, { metrics: partMetrics(part, ofPart), intervals: metricIntervals(part, ofPart) }];
      });
      const mean = figures.length > 1 ? meanMetrics(figures.map(([, { metrics }]) => metrics)) : undefined;
      return { name, method, fineTuned, results: own, parts: Object.fromEntries(figures), mean };
    }),
    prompt: { template: "a photo of [$] that {text}", orders: "first" },
    cutTexts: 0,
    featuresHash: "0123456789abcdef0123",
  };
}

const textOnly = { name: "text only", method: "text only" as const, ranks: [3, 3, 3, 3] };
const frozen = { name: "phi + text", ranks: [2, 2, 1, 2] };
const fineTuned = { name: "phi + text, fine-tuned encoder", fineTuned: true, ranks: [1, 1, 2, 1] };
const oracle = { name: "oracle", method: "oracle" as const, ranks: [1, 1, 1, 1] };

Deno.test("a benchmark's page begins with the gain, and under it what qualifies it", async () => {
  const stamps = ["INCOMPLETE: 1 images missing", "LIMITED to the <first> 4 queries of each part."];
  const marks = ["INCOMPLETE", "LIMITED"];
  const evaluation = madeEvaluation("cirr", ["cirr"], [textOnly, frozen, oracle, fineTuned], { stamps, marks });
  const html = await benchmarkPage(evaluation, { device: "device <test>", show: 2 });
  assertSound(html);
  const body = html.slice(html.indexOf("<main>"));
  assertOrder(body, [
    "R@1 (INCOMPLETE, LIMITED), percent",
    '<span class="before">25.00 -&gt;</span> <strong>75.00</strong>',
    "queries better: 3, worse: 1",
    '<p class="stamp" role="note">INCOMPLETE: 1 images missing</p>',
    '<p class="stamp" role="note">LIMITED to the &lt;first&gt; 4 queries of each part.</p>',
    '<div class="scroll" role="region"',
    "<table>",
    '<ol class="cards">',
    "device &lt;test&gt;",
  ]);
  const [, low, high] = body.match(/Gain <b>\+50\.00 \[(-?[\d.]+), (-?[\d.]+)\]<\/b>/)!.map(Number);
  assert(low < 50 && high > 50, `[${low}, ${high}] is no interval around 50`);

  const shown = evaluationTable(evaluation);
  assertEquals(shown.columns.slice(1), ["phi + text, fine-tuned encoder", "phi + text", "text only", "oracle"]);
  assertMatch(String(shown.rows[0]), /^R@1 \(INCOMPLETE, LIMITED\),75\.00 \[[\d.]+, [\d.]+\],25\.00 \[/);
  const cards = cardsOf(body);
  assertEquals(cards.length, 2);
  // At even distances over four queries: the first and the last.
  assertOrder(cards[0], ["query q0", "makes it &lt;i&gt;0&lt;/i&gt;", "before: <b>rank 2</b>", "after: <b>rank 1</b>"]);
  assertOrder(cards[1], ["query q3", "before: <b>rank 2</b>", "after: <b>rank 1</b>"]);
  for (const card of cards) {
    assertEquals(card.match(/<li class="correct">/g)?.length, 2);
    assertEquals(card.match(/<img alt="image &quot;[^"]+" title="[^"]+" src="data:image\/jpeg;base64,/g)?.length, 11);
  }
});

Deno.test("the result of an encoder alone is the last row that knows no target, with the mean over parts", async () => {
  const evaluation = madeEvaluation("fashioniq", ["dress", "shirt"], [
    { name: "phi + text", ranks: [1, 60, 11, 2] },
    oracle,
  ]);
  const html = await benchmarkPage(evaluation, { device: "wasm", show: 3 });
  assertSound(html);
  assertOrder(html, [
    "<h1>fashioniq val: phi + text</h1>",
    "mean R@10, percent",
    '<p class="value"><strong>50.00</strong></p>',
    "over 8 queries of 2 parts (dress, shirt)",
  ]);
  const [, low, high] = html.match(/95 % interval <b>\[([\d.]+), ([\d.]+)\]<\/b>/)!.map(Number);
  assert(low < 50 && high > 50 && low >= 0 && high <= 100, `[${low}, ${high}] is no interval around 50`);
  assertEquals(evaluationTable(evaluation).rows[0].slice(0, 2), ["mean, R@10", "50.00"]);
  assert(!html.includes('<p class="stamp"'), "a stamp without a reason");
});

Deno.test("a split with secret targets has queries and no figures, and its page says why", async () => {
  const evaluation = madeEvaluation("circo", ["circo"], [frozen], { secret: true, missing: [ids[3]] });
  const preprocessing = { ...clipPreprocessing(8), targetPad: 1.25, centreHalf: "even" as const };
  const html = await benchmarkPage(evaluation, { device: "wasm", show: 4, half: true, preprocessing });
  assertOrder(html, ["to 1.25 at most", "half a pixel to the even one", "rounded to half precision"]);
  assertSound(html);
  assertHas(html, "The targets of this split are secret");
  assert(!html.includes("<table>") && !html.includes('class="correct"') && !html.includes("<b>rank"));
  assertEquals(cardsOf(html).length, 4);
  assertHas(html, "<span>missing</span>");
  assertHas(evaluationTable(evaluation).text(), "the targets of this split are secret");
});

Deno.test("captions in the place of images are shown as texts", async () => {
  const stamps = ["CAPTIONS IN THE PLACE OF IMAGES"], marks = ["CAPTIONS"];
  const evaluation = madeEvaluation("cirr", ["cirr"], [frozen], { captions: true, stamps, marks });
  const html = await benchmarkPage(evaluation, { device: "wasm", show: 1 });
  assertSound(html);
  assertOrder(html, ["R@1 (CAPTIONS), percent", '<p class="stamp" role="note">CAPTIONS IN THE PLACE', "<table>"]);
  assert(!html.includes("<img"));
  assertEquals(cardsOf(html)[0].match(/a caption of &lt;image &quot;/g)?.length, 6);
});

Deno.test("a table's first column names its rows, stays in view, and every column may be scrolled to", async () => {
  const html = table(["name", "R@1"], [["a < b", 12.345], ["c", undefined]]).html();
  assertNesting(html);
  assertEquals([...html.matchAll(/<th scope="(col|row)"/g)].map(([, scope]) => scope), ["col", "col", "row", "row"]);
  assertHas(html, '<th scope="row" style="text-align:left">a &lt; b</th><td style="text-align:right');
  const style = await benchmarkPage(madeEvaluation("cirr", ["cirr"], [frozen]), { device: "wasm", show: 0 });
  assertMatch(style, /th:first-child \{ position: sticky; left: 0; background: var\(--ground\)/);
  assertMatch(style, /\.scroll \{ overflow-x: auto;/);
  assertMatch(style, /<div class="scroll" role="region" aria-label="[^"]+" tabindex="0"><table>/);
});
