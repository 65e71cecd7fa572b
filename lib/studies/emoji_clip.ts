/** An embedded CLIP in memory, as studies evaluate it. */
import { type EmojiBenchmark, type EmojiQuery, macroKinds } from "../emoji/data/benchmark.ts";
import { labelRetrieval } from "../emoji/evaluation/label_retrieval.ts";
import { fineTuneEmojiNaively } from "../emoji/evaluation/naive_fine_tuning.ts";
import {
  emojiImageCaptions,
  emojiPart,
  encodeEmojiImages,
  type QuerySetting,
  tokenRows,
} from "../emoji/evaluation/part.ts";
import { sideSettings } from "../emoji/evaluation/rows.ts";
import { type EmojiScores, evaluateEmoji } from "../emoji/evaluation/scores.ts";
import {
  embeddedModelFolder,
  type EmbeddedSize,
  invertedFile,
  loadEmbeddedModel,
} from "../emoji/model/embedded_model.ts";
import { paperPrompt, type QueryEncoder } from "../evaluation/query_encoder.ts";
import { bestRank, type FeatureRows } from "../evaluation/rank_part.ts";
import type { Metrics } from "../evaluation/metrics.ts";
import { inFolder } from "../io/path.ts";
import { phiMethods } from "../projection/fit_phi.ts";
import type { Phi } from "../projection/phi.ts";
import { loadPseudoTokens } from "../projection/pseudo_token_file.ts";
import { disposeWeights } from "../tensors/weights.ts";
import { changeTexts, type ConditioningChange } from "./conditioning.ts";
import { phiLookup } from "./phi_lookup.ts";
import { targetCosines } from "./target_cosine.ts";
import type { BenchmarkScores, OpenClip, OpenControl, QueryChoice } from "./testbed.ts";

/** What an embedded CLIP is evaluated on. */
export interface EmojiData {
  /** The benchmark. */
  benchmark: EmojiBenchmark;
  /** The queries. */
  queries: readonly EmojiQuery[];
  /** The settings in which they are evaluated, by name. */
  settings: ReadonlyMap<string, QuerySetting>;
  /** Name of plain retrieval's headline metric. */
  plainHeadline: string;
}

/** Loads an embedded CLIP with its phis and pseudo-tokens, and encodes all images. */
export async function openEmojiClip(
  size: EmbeddedSize,
  { benchmark, queries, settings, plainHeadline }: EmojiData,
  { onStage = () => {} }: OpenControl = {},
): Promise<OpenClip> {
  // Whatever throws before the end frees what there is by then.
  using owned = new DisposableStack();
  const { clip, phi: first } = await loadEmbeddedModel({ size, method: phiMethods[0] });
  owned.defer(() => disposeWeights(clip.weights));
  owned.defer(() => disposeWeights(first.weights));
  const phis = new Map<string, Phi>([[first.method, first]]);
  for (const method of phiMethods.slice(1)) {
    const { phi } = await loadEmbeddedModel({ size, method, clip });
    owned.defer(() => disposeWeights(phi.weights));
    phis.set(method, phi);
  }
  const inverted = await loadPseudoTokens(clip, inFolder(embeddedModelFolder(size), invertedFile));
  owned.defer(() => inverted.tokens.dispose());
  const features = await encodeEmojiImages(clip, benchmark, {
    onProgress: (done, total) => onStage("encoding images", done, total),
  });
  owned.defer(() => features.rows.dispose());
  const { noto } = benchmark.images;
  const phi = phiLookup(phis);
  const models = { clip, pseudoTokens: tokenRows(inverted) };
  const [[, mainSetting]] = settings, part = emojiPart(benchmark, queries, mainSetting);
  const captioned = {
    queries: part.queries.map(({ reference, texts: [text] }) => ({ reference, text })),
    captions: emojiImageCaptions(benchmark),
    ...{ features, template: paperPrompt.template },
  };
  // The drawings of a reference that its queries leave out are those of the same emoji.
  const fluent = emojiPart(benchmark, queries, { ...sideSettings["Fluent to Noto"], keepReference: false });
  const lookalikes = new Map(fluent.queries.map(({ reference, excluded }) => [reference, excluded]));
  const kept = owned.move();
  return {
    clip,
    phi,
    captioned,
    probed: {
      ...captioned,
      gallery: fluent.gallery,
      lookalikes: [...lookalikes].map(([reference, same]) => ({ reference, same })),
      sameIs: "Noto's drawing of the same emoji, for Fluent's",
    },
    evaluate(choice, textWeights) {
      const own = choice.phi === undefined ? undefined : phi(choice.phi);
      return evaluateSettings({ ...models, phi: own, textWeights }, choice, {
        benchmark,
        queries,
        settings,
        features,
      });
    },
    async plain(textWeights) {
      const { labelToImage, imageToLabel } = await labelRetrieval(clip, {
        ...{ emoji: benchmark.emoji, images: noto, features, textWeights },
      });
      return {
        [plainHeadline]: labelToImage["R@1"],
        "label to image R@10": labelToImage["R@10"],
        "image to label R@1": imageToLabel["R@1"],
        "image to label R@10": imageToLabel["R@10"],
      };
    },
    fineTuneNaively: (name, options) =>
      fineTuneEmojiNaively({ clip, phi: phi(name), benchmark, features }, { ...options, inverted }),
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** Evaluates one kind of query in all settings that have what it needs. */
async function evaluateSettings(
  encoder: QueryEncoder,
  { method = "phi + text", conditioning, caption }: QueryChoice,
  { benchmark, queries, settings, features }: Omit<EmojiData, "plainHeadline"> & { features: FeatureRows },
): Promise<Record<string, BenchmarkScores>> {
  const results: Record<string, BenchmarkScores> = {};
  for (const [name, setting] of settings) {
    // Only Noto images are inverted.
    if (method === "pseudo-token + text" && setting.references !== "noto") continue;
    const changed = changeQueries(queries, setting, conditioning);
    let cosines: { sum: number; count: number } | undefined;
    const scores = await evaluateEmoji({
      ...{ encoder, benchmark, features, queries: changed, method, setting, prompt: { ...paperPrompt, caption } },
      async onQueries(encoded, part) {
        cosines = await targetCosines(encoded, { part, indices: [...part.queries.keys()], features });
      },
    });
    results[name] = {
      headline: scores.macro["R@1"],
      metrics: metricsOf(scores),
      scores: scores.results.filter((_, i) => macroKinds.includes(scores.queries[i].kind))
        .map((result) => Number(bestRank(result) === 1)),
      ...(cosines && { targetCosine: cosines.sum / cosines.count }),
    };
  }
  return results;
}

/** Changes the conditioning texts of queries in the wording of a setting. */
function changeQueries(
  queries: readonly EmojiQuery[],
  { wording }: QuerySetting,
  change: ConditioningChange | undefined,
): readonly EmojiQuery[] {
  if (change === undefined) return queries;
  const texts = changeTexts(
    queries.map(({ texts }) => [texts[wording]]),
    change,
    queries.map(({ texts }) => [texts.unseen]),
  );
  return queries.map((query, i) => ({ ...query, texts: { ...query.texts, [wording]: texts[i][0] } }));
}

/** All metrics under names of their own. */
function metricsOf({ macro, familyR1, kinds }: EmojiScores): Metrics {
  return {
    ...Object.fromEntries(Object.entries(macro).map(([name, value]) => [`macro ${name}`, value])),
    "R@1 in the family": familyR1,
    ...Object.fromEntries(Object.entries(kinds).map(([kind, scores]) => [`R@1, ${kind}`, scores["R@1"]])),
  };
}
