/** Table 7: where the text triplets come from. */
import { paperAblation } from "./paper.ts";
import type { Study, StudyContext, Variant } from "./study.ts";

/** Names of the sources in the file of the paper's figures, by the names that testbeds give them. */
const inPaper: Record<string, string> = {
  llm: "CompoDiff LLM",
  rule: "rule-based",
  "in-context": "in-context learning",
  case: "CASE",
  covr: "CoVR",
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
    figure: ({ variant }) => inPaper[variant] ? paperAblation("Table 7", inPaper[variant]) : undefined,
    claims: [
      { says: "triplets made by rule help", better: "rule", than: "frozen", source: "Table 7, as reviews quote it" },
    ],
  },
  clips: "first",
  phis: "first",
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
