/** Choices of a recipe as a user writes them: `--set lr=2e-5,steps=500`, or a JSON file. */
import { InvalidArgumentError } from "./commander.ts";

/** Short names of choices inside the recipe's optimizer and schedule, and of the temperature. */
const shortNames: Record<string, string> = {
  lr: "optimizer.learningRate",
  wd: "optimizer.weightDecay",
  beta1: "optimizer.beta1",
  beta2: "optimizer.beta2",
  eps: "optimizer.epsilon",
  warmup: "schedule.warmup",
  shape: "schedule.shape",
  tau: "temperature",
};

/** For the help. */
export const recipeHelp = "Choices: steps, batch, seed, temperature (tau), noise, concatenation, refinedBatches, " +
  "anchor (frozen targets), trainable, lora.rank, .alpha, .matrices, keepCaptions (weight of an anchor on captions), optimizer.learningRate (lr), .weightDecay (wd), .beta1, .beta2, .epsilon (eps), " +
  "schedule.warmup, .shape";

/** One choice: its name in the recipe, such as "optimizer.learningRate", and its value as it was written. */
export type Setting = readonly [name: string, value: string];

/** Reads `name=value,name=value`. */
export function settings(text: string): Setting[] {
  return text.split(",").map((part) => {
    const at = part.indexOf("="), name = part.slice(0, at).trim(), value = part.slice(at + 1).trim();
    if (at < 1 || value === "") throw new InvalidArgumentError(`has "${part}", expected NAME=VALUE`);
    return [shortNames[name] ?? name, value];
  });
}

/** The value of a setting: a number, true, false, or a text. */
export function valueOf(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return Number.isNaN(Number(text)) ? text : Number(text);
}
