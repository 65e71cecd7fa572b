/** What a language model is asked for a caption, and what is taken from its reply. */
import { pieceCounter } from "../quality/token_count.ts";
import type { Triplet } from "../triplet.ts";
import { comparable } from "./caption_list.ts";

const task = "Below are captions of images, each with an instruction that changes the image, and the caption of the " +
  "changed image. Write the instruction and the new caption for the last one. The change is one that can be seen. The " +
  "instruction is short and does not repeat the whole new caption. The new caption keeps what does not change. Answer " +
  'with the two lines that begin with "Instruction:" and "New caption:", and with nothing else.';

/** Returns the prompt for a caption. @param examples shown before it, in this order */
export function inContextPrompt(caption: string, examples: readonly Triplet[]): string {
  const shown = examples.map(({ reference, conditioning, target }) =>
    `Caption: ${reference}\nInstruction: ${conditioning}\nNew caption: ${target}\n`
  );
  return [task, "", ...shown, `Caption: ${caption}`].join("\n");
}

/** Reasons for which a reply makes no triplet. */
export const refusals = {
  form: "reply without the two lines that were asked for",
  empty: "empty conditioning text or target",
  same: "target that equals the reference",
  repeated: "conditioning text that equals the target or the reference",
  long: "conditioning text or target that is longer than CLIP reads",
  copied: "reply that equals an example",
} as const;

/** Tokens of "a photo of [$] that", behind which a conditioning text stands. */
const promptTokens = 5;

/**
 * Takes conditioning text and target from a reply, or the reason why it makes no triplet. Equal is what differs in
 * letter case and the sign at the end only, as in InstructPix2Pix.
 */
export function parseReply(
  reply: string,
  reference: string,
  examples: readonly Triplet[],
): { conditioning: string; target: string } | { refusal: keyof typeof refusals } {
  const conditioning = lineOf(reply, "instruction"), target = lineOf(reply, "new caption");
  if (conditioning === undefined || target === undefined) return { refusal: "form" };
  const [condition, result, before] = [conditioning, target, reference].map(comparable);
  if (condition === "" || result === "") return { refusal: "empty" };
  if (result === before) return { refusal: "same" };
  if (condition === result || condition === before) return { refusal: "repeated" };
  const { count, context } = pieceCounter;
  if (count(conditioning) + promptTokens > context || count(target) > context) return { refusal: "long" };
  return examples.some((one) => comparable(one.target) === result) ? { refusal: "copied" } : { conditioning, target };
}

/** The text behind a label at the start of a line, without the marks of lists, bold type and quotations around it. */
function lineOf(reply: string, label: string): string | undefined {
  const found = reply.match(new RegExp(`^[\\s*_#>-]*${label}[\\s*_]*:[ \\t*_]*(.*)$`, "im"));
  const text = found?.[1].trim().replace(/^[*_]+|[*_]+$/g, "").replaceAll(/\s+/g, " ").trim();
  // Quotation marks around the whole go; those around a word in it stay.
  return text?.replace(/^(["'“‘])([^"“”]*)["'”’]$/, "$2").trim();
}
