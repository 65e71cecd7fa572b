/** Composed against plain retrieval: what keeps both, for equal cost of training. */
import type { RtdRecipe } from "../rtd/recipe.ts";
import { frozenName, type RtdTraining, type Study, type Variant } from "./study.ts";
import type { StudyRow } from "./study_rows.ts";
import { type Family, tradeOffSections } from "./trade_off_sections.ts";

/** The published recipe; everything else is compared with it. */
const rtd = "RTD";

/** What is trained and kept must not depend on the user's choices. */
const published = { trainable: "all", lora: null, keepCaptions: 0 } as const;

/** Weights of the anchor on the step's target captions, and on captions of no triplet; 0 is RTD itself. */
const weights = [1, 2, 5, 10, 20, 50], weightsBeside = [1, 5, 20];

/** Weights of the anchor on captions of all kinds, and on them where the rate is larger by this factor. */
const weightsAll = [10, 20, 50], fast = 3, weightsFast = [50, 100, 200];

/** A weight whose encoder is averaged with the frozen one too. */
const moderate = 5;

/** Shares of the fine-tuned encoder in the averages, and shares of the steps. */
const shares = [0.2, 0.4, 0.6, 0.8], early = [1 / 8, 1 / 4, 1 / 2];

/** Factors of the learning rate: low-rank matrices and gains alone start from nothing and move slowly. */
const rates = { lora: [3, 10, 30], norms: [10, 30] };

const anchored = (weight: number) => `caption anchor ${weight}`;
const beside = (weight: number) => `anchor on other captions ${weight}`;
const onAll = (weight: number) => `anchor on all captions ${weight}`;
const fastRtd = `RTD, learning rate x ${fast}`;
const fastOnAll = (weight: number) => `${fastRtd}, anchor on all captions ${weight}`;
const lowRank = (rate: number) => `LoRA, rank 16, learning rate x ${rate}`;
const norms = (rate: number) => `layer norms and biases, learning rate x ${rate}`;
const slow = "a quarter of the learning rate, twice the steps";

/** Makes the variants; a row of an average or of an early step costs no training of its own. */
function variants({ recipe }: { recipe: RtdRecipe }): Variant[] {
  const rate = (factor: number) => ({
    optimizer: { ...recipe.optimizer, learningRate: factor * recipe.optimizer.learningRate },
  });
  const training = (changes: RtdTraining["changes"]): RtdTraining => ({
    method: "RTD",
    changes: { ...published, ...changes },
  });
  return [
    { name: rtd, training: training({}), at: early, shares },
    ...weights.map((weight): Variant => ({
      name: anchored(weight),
      training: training({ keepCaptions: weight }),
      ...(weight === moderate && { shares }),
    })),
    ...weightsBeside.map((weight): Variant => ({
      name: beside(weight),
      training: { ...training({ keepCaptions: weight }), keptCaptions: "beside" },
    })),
    ...weightsAll.map((weight): Variant => ({
      name: onAll(weight),
      training: { ...training({ keepCaptions: weight }), keptCaptions: "all" },
    })),
    { name: fastRtd, training: training(rate(fast)) },
    ...weightsFast.map((weight): Variant => ({
      name: fastOnAll(weight),
      training: { ...training({ keepCaptions: weight, ...rate(fast) }), keptCaptions: "all" },
    })),
    ...rates.lora.map((factor): Variant => ({
      name: lowRank(factor),
      training: training({ lora: { rank: 16, alpha: 16, matrices: "qv" }, ...rate(factor) }),
    })),
    ...rates.norms.map((factor): Variant => ({
      name: norms(factor),
      training: training({ trainable: "layer norms and biases", ...rate(factor) }),
    })),
    { name: slow, training: training({ ...rate(1 / 4), steps: 2 * recipe.steps }), at: [1 / 4, 1 / 2] },
  ];
}

/** A family whose rows are the ends of fine-tunings; 0 is the one without an anchor where it belongs to the family. */
function ofEnds(name: string, nameOf: (value: number) => string, values: readonly number[], without = rtd): Family {
  const own = new Map(values.map((value) => [value === 0 ? without : nameOf(value), value]));
  return { name, order: ({ variant, last }) => last ? own.get(variant) : undefined };
}

/** A family of averages of one encoder with the frozen one, both ends among them. */
function ofAverages(name: string, of: string): Family {
  return {
    name,
    order: ({ variant, share, last }) =>
      variant === frozenName ? 0 : variant === of ? share ?? (last ? 1 : undefined) : undefined,
  };
}

/** A family of one fine-tuning on its way, from the frozen encoder on. */
function ofSteps(name: string, of: string): Family {
  return {
    name,
    order: ({ variant, step, share }: StudyRow) =>
      share === undefined && [frozenName, of].includes(variant) ? step : undefined,
  };
}

const families: readonly Family[] = [
  ofEnds("caption anchor", anchored, [0, ...weights]),
  ofEnds("anchor on other captions", beside, [0, ...weightsBeside]),
  ofEnds("anchor on all captions", onAll, [0, ...weightsAll]),
  ofEnds(`anchor on all captions, learning rate x ${fast}`, fastOnAll, [0, ...weightsFast], fastRtd),
  ofAverages("RTD averaged with frozen", rtd),
  ofAverages(`anchor ${moderate} averaged with frozen`, anchored(moderate)),
  ofEnds("LoRA", lowRank, rates.lora),
  ofEnds("layer norms and biases", norms, rates.norms),
  ofSteps("RTD, fewer steps", rtd),
  ofSteps("a quarter of the rate", slow),
];

/** What wins back plain retrieval, and what it costs in composed retrieval; beyond the paper. */
export const tradeOff: Study = {
  name: "trade-off",
  title: "Composed against plain retrieval",
  asks:
    "Which way of fine-tuning keeps plain caption-to-image retrieval and RTD's composed retrieval too, for no more training?",
  clips: "first",
  phis: "first",
  variants,
  more: (result) => tradeOffSections(result, { families, published: rtd, kept: 98 }),
};
