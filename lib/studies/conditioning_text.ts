/** Whether the conditioning text matters: in queries, and in training. */
import { conditioningChanges } from "./conditioning.ts";
import type { NamedQuery } from "./planned.ts";
import type { Study, Variant } from "./study.ts";

/** What the changes are called in rows. */
const words = { null: "no text", shuffled: "another's text", keywords: "keywords alone", paraphrased: "other words" };

const changed = conditioningChanges.map((conditioning): NamedQuery => ({
  name: `queried with ${words[conditioning]}`,
  conditioning,
}));

/** RTD and the frozen encoder with conditioning texts that are empty, exchanged, or cut to their keywords. */
export const conditioningText: Study = {
  name: "conditioning-text",
  title: "Does the conditioning text matter",
  asks: "Does RTD learn to read the conditioning text, or does any text, or none, do as well?",
  clips: "first",
  phis: "first",
  variants: [
    { name: "frozen encoder", queries: changed },
    { name: "RTD", training: { method: "RTD" }, queries: [{}, ...changed] },
    ...(["null", "shuffled", "keywords"] as const).map((conditioning): Variant => ({
      name: `RTD trained with ${words[conditioning]}`,
      training: { method: "RTD", conditioning },
      against: "RTD",
    })),
  ],
};
