/** The wordings of a benchmark's queries, in a file of their own so that a command can list them. */
import type { BenchmarkName } from "./benchmark.ts";

/**
 * How a benchmark's queries are worded.
 *
 * - "paper": as RTD, LinCIR and SEARLE do, "a photo of [$] that {text}"; FashionIQ's two captions, stripped, in both
 *   orders. The default: it is what published figures of these methods were made with.
 * - "pic2word": as Pic2Word's released program (commit 8c05329), "a photo of [$] , {text}"; FashionIQ's captions once, the
 *   second first, not stripped. For comparison with its own figures.
 * - "lincir-genecis": with the bug of LinCIR's branch `eval_genecis`, whose reader hands over no caption for GeneCIS' object
 *   tasks, so that the text of each of their queries is "0". For comparison with figures made with it alone.
 */
export const wordings = ["paper", "pic2word", "lincir-genecis"] as const;
/** One of {@linkcode wordings}. */
export type Wording = typeof wordings[number];

/** The benchmarks that a wording changes. */
const benchmarksOf: Record<Exclude<Wording, "paper">, readonly BenchmarkName[]> = {
  "pic2word": ["cirr", "fashioniq"],
  "lincir-genecis": ["genecis"],
};

/** Returns why a wording makes no sense for a benchmark; undefined if it does. */
export function wordingFault(wording: Wording, benchmark: BenchmarkName): string | undefined {
  if (wording === "paper" || benchmarksOf[wording].includes(benchmark)) return undefined;
  return `the wording "${wording}" is of ${
    benchmarksOf[wording].join(" and ")
  } alone, not of ${benchmark}; leave it out`;
}

/** The mark and the sentence that qualify every figure of a wording that is not the paper's. */
export function wordingStamp(wording: Wording): [mark: string, sentence: string] | undefined {
  switch (wording) {
    case "paper":
      return undefined;
    case "pic2word":
      return ["PIC2WORD'S WORDING", 'WORDED AS IN PIC2WORD\'S PROGRAM: "a photo of [$] , {text}".'];
    case "lincir-genecis":
      return [
        "NO CONDITION",
        'NO CONDITION in the object tasks, whose texts are all "0", as by the bug of LinCIR\'s branch eval_genecis.',
      ];
  }
}
