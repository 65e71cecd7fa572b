/** What `deno task train-phi` is to do, once its options are checked. */
import type { Device } from "../lib/backend/device.ts";
import type { ImageFile } from "../lib/clip/images/image_files.ts";
import type { CaptionFile } from "../lib/projection/lincir/caption_file.ts";
import type { Masking } from "../lib/projection/lincir/masking.ts";
import type { Phrases } from "../lib/projection/searle/phrases.ts";

/** The choices of `--method`. */
export const phiTaskMethods = ["lincir", "searle", "searle-oti", "pic2word"] as const;

/** The choices of `--world`: what is embedded. */
export const embeddedWorlds = ["emoji", "scenes"] as const;

/** A checked task. */
export interface PhiTask {
  method: typeof phiTaskMethods[number];
  device: Device;
  /** Folder of the CLIP. */
  clip: string;
  /** The embedded data, where there is none of the user's. */
  world: typeof embeddedWorlds[number];
  /** The user's data, as far as the method needs it; absent: the embedded data. */
  own?: { captions?: CaptionFile; images?: ImageFile[]; phrases?: Phrases };
  recipe: "paper" | "embedded";
  /** Choices that replace those of the recipe. */
  changes: { steps?: number; batch?: number; seed?: number; incompleteBatch?: "span" | "drop" };
  inversionSteps?: number;
  /** Prompts of the inversion and of the concepts; absent: the recipe's. */
  templates?: string[];
  /** How much images are padded before they are encoded; absent: not at all. */
  targetPad?: number;
  /** How keywords are masked. */
  masking: Masking;
  /** File of the result, of its log, and of the checkpoint. */
  out: string;
  log: string;
  checkpoint: string;
  saveEvery: number;
  resume: boolean;
}

/** Folders of what was computed before. */
export const phiCaches = { features: ".cache/features", inversion: ".cache/inversion" };

/** Largest number of items that are kept from training for validation. */
const mostHeldOut = 500;

/** Holds out every tenth index, up to a number. */
export function holdOut(count: number): { training: number[]; heldOut: number[] } {
  const indices = [...Array(count).keys()];
  const heldOut = indices.filter((index) => index % 10 === 9).slice(0, mostHeldOut);
  const held = new Set(heldOut);
  return { training: indices.filter((index) => !held.has(index)), heldOut };
}
