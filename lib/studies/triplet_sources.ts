/** Table 7: where the text triplets come from. */
import { paperAblation } from "./paper.ts";
import type { Study, StudyContext, Variant } from "./study.ts";

/** The paper's sources, by the names that testbeds give them. */
const inPaper: Record<
  string,
  { /** Its name in the file of the paper's figures. */ row: string; /** Where a file comes from. */ from: string }
> = {
  llm: { row: "CompoDiff LLM", from: "the authors publish CompoDiff's as LLM_triplets.json" },
  rule: { row: "rule-based", from: '"deno task triplets make --method rule" makes one from captions' },
  "in-context": {
    row: "in-context learning",
    from: '"deno task triplets make --method in-context" makes one from captions with an OpenAI-compatible endpoint',
  },
  case: { row: "CASE", from: "LaSCo's annotations are one, with a file of COCO's captions" },
  covr: { row: "CoVR", from: "WebVid-CoVR's annotations are one" },
};

/** Every source of the testbed, and half of the first with half of each other. */
export const tripletSources: Study = {
  name: "triplet-sources",
  title: "Where the triplets come from",
  asks:
    "How much does it matter whether triplets are made by rule, found as differences, or written by people or models?",
  paper: {
    table: "Table 7",
    figuresAre: "the gain of the average over the base method; data sets and backbone are not stated",
    figure: ({ variant }) => inPaper[variant] && paperAblation("Table 7", inPaper[variant].row),
    claims: [
      { says: "triplets made by rule help", better: "rule", than: "frozen", source: "Table 7, as reviews quote it" },
    ],
  },
  clips: "first",
  phis: "first",
  lacks: ({ tripletSources }) =>
    Object.entries(inPaper).filter(([name]) => !tripletSources.some((source) => source.name === name))
      .map(([name, { row, from }]) => ({
        what: `Table 7, ${row}`,
        reason: `the testbed has no triplets called "${name}"; name a file of them in the testbed's file: ${from}`,
      })),
  variants: ({ testbed: { tripletSources: [first, ...others] } }: StudyContext): Variant[] => [
    // By its name too where the first source is all there is.
    ...[first, ...others].map(({ name }): Variant => ({ name, training: { method: "RTD", triplets: [name] } })),
    ...others.map(({ name }): Variant => ({
      name: `half ${first.name}, half ${name}`,
      training: { method: "RTD", triplets: [first.name, name] },
      against: first.name,
    })),
  ],
};
