/** `deno task evaluate`: a benchmark, a CLIP, a phi, and a text encoder that may be tuned; figures, answers, a page. */
import { describeDevice, parseDeviceChoice, useDevice } from "../lib/backend/device.ts";
import { benchmarkNames } from "../lib/benchmarks/benchmark.ts";
import { benchmarkSplits, openBenchmark } from "../lib/benchmarks/open_benchmark.ts";
import { checkImages, type ImageCheck } from "../lib/benchmarks/image_check.ts";
import { openWeightFiles } from "../lib/clip/files/weight_files.ts";
import { loadClip } from "../lib/clip/files/model_folder.ts";
import { sha256 } from "../lib/io/hash.ts";
import { loadPreprocessing } from "../lib/clip/images/image_files.ts";
import { encodeImageFiles } from "../lib/clip/images/image_features.ts";
import { loadTextEncoder } from "../lib/clip/files/text_folder.ts";
import type { Weights } from "../lib/tensors/weights.ts";
import { benchmarkQueryMethods, cutTexts, paperPrompt, defaultPrompt, type QueryPrompt } from "../lib/evaluation/query_encoder.ts";
import type { FeatureRows } from "../lib/evaluation/rank_part.ts";
import { captionFeatures, type ImageCaptions, readImageCaptions } from "../lib/evaluation/caption_features.ts";
import { type BenchmarkRow, benchmarkRow, countMissing, missingStamp, refuseMissing } from "../lib/evaluation/benchmark_row.ts";
import { resultsText } from "../lib/evaluation/ranking_results.ts";
import { writeSubmissions } from "../lib/evaluation/submissions.ts";
import { writeAtomically } from "../lib/io/atomic_write.ts";
import { loadPhi } from "../lib/projection/phi_file.ts";
import { loadPseudoTokens } from "../lib/projection/pseudo_token_file.ts";
import { benchmarkPage, chooseQueries } from "../lib/report/benchmark_page.ts";
import { table } from "../lib/report/table.ts";
import { progress } from "../lib/report/progress.ts";
import { fail, oneOf, readOptions, toFileUrl, wholeNumber } from "./options.ts";

async function evaluate(): Promise<void> {
  const options = readOptions("evaluate", {
    benchmark: { help: benchmarkNames.join(", ") },
    split: { default: "val", help: "the split (all, or a task, for genecis)" },
    data: { help: "the benchmark's folder" },
    clip: { help: "the CLIP's folder" },
    phi: { help: "phi's file; without, only what needs no phi is asked" },
    inverted: { help: "words of train-phi --method searle-oti --images DATA, asked with in phi's place" },
    "text-encoder": { help: "a tuned text encoder, a folder or a released .pt: asked beside the frozen one" },
    device: { default: "auto", help: "auto, tensorflow, webgpu or wasm" },
    prompt: { help: `of phi + text (${paperPrompt.prompt}; for coco ${defaultPrompt("coco")})` },
    orders: { default: paperPrompt.orders, help: 'FashionIQ: "mean of all" or "first"' },
    "target-pad": { help: "pad images first until they are at most this long (SEARLE: 1.25)" },
    captions: { help: "captions in the place of images: a file of them; a mode of its own" },
    "allow-missing": { flag: true, help: "go on without missing images, and stamp every figure" },
    counts: { default: "published", help: '"published", or "as-found" for a part of a benchmark' },
    cache: { default: ".cache/features", help: "the folder of cached features" },
    out: { help: "the folder of results (results/BENCHMARK-SPLIT, with -captions in that mode)" },
    show: { default: "12", help: "queries on the page" },
  });
  for (const name of ["benchmark", "data", "clip"] as const) {
    if (options[name] === undefined) throw new Error(`--${name} is missing; see deno task evaluate --help.`);
  }
  const name = oneOf("benchmark", options.benchmark!, benchmarkNames);
  const split = name === "genecis" && options.split === "val"
    ? "all"
    : oneOf("split", options.split!, benchmarkSplits[name]);
  const counts = oneOf("counts", options.counts!, ["published", "as-found"]);
  const orders = oneOf("orders", options.orders!, ["mean of all", "first"]);
  const wordings: QueryPrompt = { prompt: options.prompt ?? defaultPrompt(name), orders };
  const show = wholeNumber("show", options.show!, 0);
  const pad = options["target-pad"] === undefined ? undefined : Number(options["target-pad"]);
  if (pad !== undefined && !(pad >= 1)) {
    throw new Error(`--target-pad "${options["target-pad"]}" is not a ratio from 1.`);
  }
  const out = (options.out ?? `results/${name}-${split}${options.captions ? "-captions" : ""}`).replace(/\/+$/, "");
  const root = options.data!.replace(/\/+$/, "");
  const title = `${name} ${split}`;

  // Data before models: an incomplete folder shall be known at once.
  const parts = await openBenchmark(name, root, split, counts);
  let check: ImageCheck = { found: [], missing: [], unreadable: [] };
  let captions: ImageCaptions | undefined;
  if (options.captions) {
    captions = await readImageCaptions(options.captions);
    for (const id of new Set(parts.flatMap(({ images }) => [...images.keys()]))) {
      if (captions.has(id)) check.found.push({ id, path: "" });
      else check.missing.push(id);
    }
  } else check = await checkImages(root, parts);
  refuseMissing(check, title, options["allow-missing"] === "true");
  const there = new Set(check.found.map(({ id }) => id));
  const missing = countMissing(parts, (id) => there.has(id)), stamp = missingStamp(missing);
  const facts = [
    ...(stamp ? [stamp] : []),
    ...(captions
      ? ["CAPTIONS IN THE PLACE OF IMAGES: gallery and references are texts; not the benchmark's figure."]
      : []),
    ...(counts === "as-found" ? ["Counts as found, not compared with the published ones."] : []),
  ];

  const device = await useDevice(parseDeviceChoice(options.device!));
  console.log(describeDevice(device));
  const folder = toFileUrl(options.clip!), clip = await loadClip(folder);
  const widths = { embedding: clip.config.projectionWidth, token: clip.config.text.width };
  const phi = options.phi ? await loadPhi(new URL(toFileUrl(options.phi).href.slice(0, -1)), widths) : undefined;
  const words = options.inverted ? await loadPseudoTokens(options.inverted, widths.token) : undefined;
  // Inverted words are named by the path of their image within the benchmark's folder.
  const rowOf = new Map(words?.names.map((name, i) => [name, i]));
  const wholeImages = check.found.filter(({ crop }) => !crop);
  const inverted: FeatureRows | undefined = words && {
    rows: words.words,
    place: new Map(
      wholeImages.map(({ id, path }): [string, number] => [id, rowOf.get(path.slice(root.length + 1)) ?? -1])
        .filter(([, row]) => row >= 0),
    ),
  };
  const tuned = options["text-encoder"] ? await textEncoder(options["text-encoder"], clip.config) : undefined;

  let features: FeatureRows, key: string | undefined;
  const loaded = await loadPreprocessing(folder, clip.config.vision.imageSize);
  const preprocessing = pad === undefined ? loaded : { ...loaded, targetPad: pad };
  const bar = progress(captions ? "encoding captions" : "encoding images");
  if (captions) features = await captionFeatures(clip, captions, [...there]);
  else {
    const made = await encodeImageFiles(clip, preprocessing, check.found, options.cache!, { onEncoded: bar.update });
    features = { rows: made.features, place: new Map(check.found.map(({ id }, i) => [id, i])) };
    key = made.key;
    if (made.encoded < check.found.length) {
      console.log(`${check.found.length - made.encoded} images were encoded before (features ${made.key})`);
    }
  }
  bar.done();

  const methods = benchmarkQueryMethods.filter((method) =>
    (method !== "phi + text" || phi) && (method !== "inverted + text" || inverted) &&
    (method !== "plain text" || captions)
  );
  const asked = [
    ...methods.map((method) => ({ method, name: method as string, text: {} as Weights })),
    ...(tuned
      ? methods.filter((method) => method.endsWith("+ text") || method === "plain text")
        .map((method) => ({ method, name: `${method}, tuned encoder`, text: tuned.weights }))
      : []),
  ];
  const rows: BenchmarkRow[] = [], asking = progress("asking");
  for (const [i, { method, name, text }] of asked.entries()) {
    const asker = { clip, phi: phi?.phi, inverted, text, captions };
    rows.push(await benchmarkRow(asker, parts, features, method, name, wordings));
    asking.update(i + 1, asked.length, name);
  }
  asking.done();

  const cut = parts.reduce((sum, part) => sum + cutTexts(clip, part, wordings), 0);
  if (cut > 0) {
    facts.push(`${cut} texts reach the ${clip.config.text.context} tokens that the model reads; longer ones are cut.`);
  }
  const record = {
    task: "evaluate",
    benchmark: name,
    split,
    mode: captions ? "captions in the place of images" : "images",
    counts: { checked: counts, ...countsOf(parts) },
    missing: stamp ? missing : undefined,
    wordings,
    textsCut: cut,
    preprocessing: captions ? undefined : preprocessing,
    features: key,
    clip: clip.hash,
    phi: phi && { hash: phi.hash, method: phi.phi.method, input: phi.phi.input },
    inverted: words?.hash,
    textEncoder: tuned?.hash,
    device,
    versions: { deno: Deno.version.deno, toolkit: await toolkitVersion() },
    arguments: Deno.args,
    rows: rows.map(({ name, method, parts, mean }) => ({ name, method, incomplete: stamp, parts, mean })),
  };
  const files: string[] = [];
  // An older run's summary would otherwise stand beside answers that are not its own.
  await Deno.remove(`${out}/result.json`).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  for (const { name, answers } of rows) {
    files.push(`${out}/${name.replace(/[^a-z]+/g, "-")}.jsonl`);
    await writeAtomically(files.at(-1)!, resultsText(answers));
  }
  const last = rows.at(-1)!;
  if (name === "cirr" || name === "circo") {
    if (missing.references > 0) console.log("No submission is written: queries without reference were not asked.");
    else files.push(...await writeSubmissions(parts[0], last.answers, out, captions ? "-from-captions" : ""));
  }
  const marks = [...(stamp ? ["INCOMPLETE"] : []), ...(captions ? ["CAPTIONS"] : [])];
  const results = resultTable(rows, marks.length > 0 ? ` (${marks.join(", ")})` : "");
  const before = tuned ? rows.find(({ name }) => name === last.method)?.answers : undefined;
  const shown = chooseQueries(parts, last.answers, before, show);
  const source = { files: new Map(check.found.map((file) => [file.id, file])), captions };
  await writeAtomically(
    `${out}/report.html`,
    await benchmarkPage(`${title}: ${last.name}`, [...facts, describeDevice(device)], results, shown, source),
  );
  // Last: where it is, everything else is.
  await writeAtomically(`${out}/result.json`, JSON.stringify(record, null, 1) + "\n");
  files.push(`${out}/report.html`, `${out}/result.json`);
  console.log(`\n${[...facts, results.text()].join("\n")}\n\nwritten: ${files.join(", ")}`);
}

/** One line a metric: all rows side by side. @param mark stands behind each metric's name */
function resultTable(rows: readonly BenchmarkRow[], mark: string) {
  const parts = Object.entries(rows[0].parts);
  const lines = parts.flatMap(([part, { metrics }]) =>
    Object.keys(metrics).map((metric) => [
      `${parts.length > 1 ? `${part}, ` : ""}${metric}${mark}`,
      ...rows.map((row) => {
        const value = row.parts[part].metrics[metric], range = row.parts[part].intervals[metric];
        return `${value.toFixed(2)} [${range.low.toFixed(1)}, ${range.high.toFixed(1)}]`;
      }),
    ])
  );
  const means = Object.keys(rows[0].mean ?? {}).map((metric) => [
    `mean, ${metric}${mark}`,
    ...rows.map(({ mean }) => mean![metric].toFixed(2)),
  ]);
  if (lines.length === 0) {
    return table(["no figures"], [["the answers of this split are secret; its server scores submissions"]]);
  }
  return table(["metric, percent [95 %]", ...rows.map(({ name }) => name)], [...lines, ...means]);
}

function countsOf(
  parts: Awaited<ReturnType<typeof openBenchmark>>,
): Record<string, { queries: number; gallery: number }> {
  return Object.fromEntries(
    parts.map(({ part, queries, gallery }) => [part, { queries: queries.length, gallery: gallery.length }]),
  );
}

async function textEncoder(place: string, config: Parameters<typeof loadTextEncoder>[1]) {
  const folder = toFileUrl(place);
  if (place.endsWith(".pt")) {
    const file = new URL(folder.href.slice(0, -1));
    return { weights: await loadTextEncoder(file, config), hash: await sha256(await Deno.readFile(file)) };
  }
  const checkpoint = openWeightFiles(folder);
  try {
    return { weights: await loadTextEncoder(folder, config), hash: await checkpoint.hash() };
  } finally {
    checkpoint.close();
  }
}

async function toolkitVersion(): Promise<string> {
  return JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url))).version;
}

try {
  await evaluate();
  Deno.exit(0);
} catch (error) {
  fail(error);
}
