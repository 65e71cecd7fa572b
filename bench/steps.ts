/**
 * What every program of a bench works on, as files: the triplets of each step, their token ids by our tokenizer, and
 * the noise on the references' features, so that all compute the same loss from the same weights.
 */
import { useDevice } from "../lib/backend/device.ts";
import { inspectClip } from "../lib/clip/files/model_folder.ts";
import type { TokenBatch } from "../lib/clip/model/tokenizer.ts";
import { type Packing, packTexts } from "../lib/clip/packed/packing.ts";
import { drawNoise } from "../lib/projection/noise.ts";
import { stepPairs } from "../lib/rtd/pairs.ts";
import { paperRecipe } from "../lib/rtd/recipe.ts";
import { random } from "../lib/tensors/random.ts";
import { cleanText, type Triplet } from "../lib/triplets/triplet.ts";

/** The files of a bench. */
export interface StepFiles {
  /** Folder of the made CLIP. */
  folder: string;
  /** JSON: {@linkcode BenchSteps}. */
  steps: string;
  /** The noise of each step that is taken, 32-bit floats `[taken, B, P]`; a step may be taken several times. */
  noise: string;
  /** B, triplets a step. */
  batch: number;
  /** Tokens that all texts are padded to where it is done as published. */
  context: number;
}

/** The steps of a bench. */
export interface BenchSteps {
  steps: BenchStep[];
  /** Captions whose frozen features ours keeps, as it keeps those of a list; the others are encoded where they occur. */
  known: string[];
}

/** One step in the file. */
export interface BenchStep {
  triplets: Triplet[];
  /** Token ids up to the token that is read, one list a text. */
  ids: Record<"composed" | "refined" | "references" | "targets", number[][]>;
  /** Id of the placeholder. */
  placeholder: number;
}

/** Lengths of a step's texts, for the counts of tokens and operations. */
export interface StepSizes {
  /** Tokens of each text. */
  lengths: Record<keyof BenchStep["ids"], number[]>;
  /** The layout of the queries in the packed encoder. */
  packing: Packing;
  /** The layouts of references and targets where our frozen encoder encodes them. */
  frozen: Packing[];
}

/** Which files are written. */
export interface WriteStepsOptions {
  /** How often a program takes each step at most (default 1). */
  passes?: number;
  /** Most buckets of the packed encoder. */
  mostBuckets: number;
  /** Triplets whose captions ours keeps the features of. */
  known: readonly Triplet[];
}

/** Writes the files. */
export async function writeSteps(
  folder: string,
  batches: readonly Triplet[][],
  { passes = 1, mostBuckets, known }: WriteStepsOptions,
): Promise<{ files: StepFiles; sizes: StepSizes[] }> {
  const { tokenizer, config } = await inspectClip(folder);
  const batch = batches[0].length, scratch = await Deno.makeTempDir();
  const sizes: StepSizes[] = [];
  const steps = batches.map((triplets): BenchStep => {
    const { references, composed, refined } = stepPairs(triplets, paperRecipe);
    const queries = tokenizer.encode(composed.queries), endings = tokenizer.encode(refined!.queries);
    const ids = {
      composed: rowsOf(queries),
      refined: rowsOf(endings),
      references: rowsOf(tokenizer.encode(references)),
      targets: rowsOf(tokenizer.encode(composed.targets)),
    };
    const lengths = Object.fromEntries(Object.entries(ids).map(([key, rows]) => [key, rows.map((row) => row.length)]));
    sizes.push({
      lengths: lengths as StepSizes["lengths"],
      packing: packTexts(queries, { endings, mostBuckets }),
      frozen: [references, composed.targets].map((texts) =>
        packTexts(tokenizer.encode([...new Set(texts)]), { mostBuckets })
      ),
    });
    return { triplets, ids, placeholder: queries.ids[queries.pseudoTokenMask!.indexOf(1)] };
  });
  const files = {
    folder,
    steps: `${scratch}/steps.json`,
    noise: `${scratch}/noise.f32`,
    batch,
    context: config.text.context,
  };
  const captions = known.flatMap(({ reference, target }) => [reference, target].map(cleanText));
  const content: BenchSteps = { steps, known: captions };
  await Deno.writeTextFile(files.steps, JSON.stringify(content));
  // As trainRtd draws it. The plain backend, which would do, recommends another at its first tensor.
  await useDevice("wasm");
  const rng = random(paperRecipe.seed);
  using out = await Deno.open(files.noise, { write: true, create: true });
  for (let step = 0; step < passes * steps.length; step++) {
    const noise = drawNoise(batch, config.projectionWidth, paperRecipe.noise, rng); // [B, P]
    const bytes = new Uint8Array((await noise.data() as Float32Array).slice().buffer);
    for (let at = 0; at < bytes.length;) at += await out.write(bytes.subarray(at));
    noise.dispose();
  }
  return { files, sizes };
}

function rowsOf({ ids, rows, length, endAt }: TokenBatch): number[][] {
  return Array.from({ length: rows }, (_, row) => [...ids.subarray(row * length, row * length + endAt[row] + 1)]);
}
