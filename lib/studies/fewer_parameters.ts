/** RTD with fewer trained parameters: parts of the text encoder, or low-rank matrices beside it. */
import { interval, spread } from "../report/intervals.ts";
import { type Cell, table } from "../report/table.ts";
import type { LoraChoice } from "../rtd/lora.ts";
import { changeRecipe, type RtdRecipe } from "../rtd/recipe.ts";
import { trainedCount } from "../rtd/trained_parameters.ts";
import { gainOver } from "./gain.ts";
import type { Study } from "./study.ts";
import { scoresOf } from "./study_rows.ts";
import { plainOf } from "./sweep.ts";

const lora = (rank: number): LoraChoice => ({ rank, alpha: rank, matrices: "qv" });

/** Low-rank matrices and gains alone start from nothing and move slowly, so they are tried with a larger rate too. */
const faster = 10;

/** Changes of the recipe by the variant's name, complete: what is trained must not depend on the user's choices. */
const choices: Record<string, Partial<Omit<RtdRecipe, "seed">>> = {
  all: { trainable: "all", lora: null },
  "last block": { trainable: "last block", lora: null },
  "layer norms and biases": { trainable: "layer norms and biases", lora: null },
  "LoRA, rank 4": { trainable: "all", lora: lora(4) },
  "LoRA, rank 16": { trainable: "all", lora: lora(16) },
};
const slow = ["layer norms and biases", "LoRA, rank 4", "LoRA, rank 16"];

/** The same loss with fewer trained parameters; beyond the paper. */
export const fewerParameters: Study = {
  name: "fewer-parameters",
  title: "Fewer trained parameters",
  asks:
    "How much of RTD's gain is left with the last block, layer norms and biases, or low-rank matrices alone, and do they keep more of plain retrieval?",
  clips: "first",
  phis: "first",
  variants: ({ recipe }) => [
    ...Object.entries(choices).map(([name, changes]) => ({
      name,
      training: { method: "RTD" as const, changes },
    })),
    ...slow.map((name) => ({
      name: fasterName(name),
      training: { method: "RTD" as const, changes: { ...choices[name], optimizer: fasterOptimizer(recipe) } },
    })),
  ],
  more: (result) => {
    const { testbed, recipe, rows } = result, [main] = testbed.benchmarks, { plain } = testbed;
    const whole = rows.find(({ variant }) => variant === "all");
    const lines = rows.flatMap((row): Cell[][] => {
      const choice = choices[row.variant] ?? choices[slow.find((name) => fasterName(name) === row.variant) ?? ""];
      const config = testbed.clips.find(({ name }) => name === row.clip)?.config;
      if (!choice || row.step === 0) return [];
      const count = config && trainedCount(changeRecipe(recipe, choice), config);
      const of = config && trainedCount(changeRecipe(recipe, choices.all), config);
      const over = whole && whole !== row ? gainOver(whole, row, main) : undefined;
      return [[
        row.variant,
        count?.toLocaleString("en-US"),
        count && of && `${Number((100 * count / of).toPrecision(2))} %`,
        spread(scoresOf(row, main.name).map(({ headline }) => headline)),
        over && interval(over),
        plain && spread(plainOf(row, plain.headline)),
        spread(row.finished.map(({ seconds }) => seconds.training)),
      ]];
    });
    return [{
      title: "Trained parameters, and what they cost",
      note:
        "Numbers of the text encoder with its projection. LoRA adapts the queries and values of every layer, alpha " +
        `is its rank, and it is merged into the weights before evaluation. "x ${faster}" is the recipe's learning rate ` +
        "times so many. An interval that holds 0 is no finding; seconds are those of the machine at the time.",
      shows: table([
        "trained",
        "parameters",
        "share",
        `${main.name}, ${main.headline}`,
        "against all, paired 95 %",
        plain?.headline ?? "plain retrieval",
        "seconds of training",
      ], lines),
    }];
  },
};

function fasterName(name: string): string {
  return `${name}, learning rate x ${faster}`;
}

function fasterOptimizer({ optimizer }: RtdRecipe): RtdRecipe["optimizer"] {
  return { ...optimizer, learningRate: faster * optimizer.learningRate };
}
