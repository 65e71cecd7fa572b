/** Triplets that show a language model what is wanted: our own, since the paper's prompts are not public. */
import type { Triplet } from "../triplet.ts";

/** Each shows another kind of change; a prompt has some of them. */
export const inContextExamples: readonly Triplet[] = [
  {
    reference: "A brown dog sleeping on a red couch.",
    conditioning: "replace the dog with two kittens",
    target: "Two kittens sleeping on a red couch.",
  },
  {
    reference: "A man in a blue shirt riding a bicycle along a river.",
    conditioning: "make his shirt yellow and let him walk beside the bicycle",
    target: "A man in a yellow shirt walking beside a bicycle along a river.",
  },
  {
    reference: "Three boats moored in a harbour at noon.",
    conditioning: "at night, with only one boat",
    target: "One boat moored in a harbour at night.",
  },
  {
    reference: "A bowl of oranges and a glass of milk on a wooden table.",
    conditioning: "remove the milk",
    target: "A bowl of oranges on a wooden table.",
  },
  {
    reference: "An empty bench under a tree in the park.",
    conditioning: "add an old woman who feeds pigeons",
    target: "An old woman feeding pigeons from a bench under a tree in the park.",
  },
  {
    reference: "A girl holding an umbrella on a sunny beach.",
    conditioning: "the beach is covered with snow",
    target: "A girl holding an umbrella on a beach covered with snow.",
  },
  {
    reference: "A photo of a lighthouse on a cliff.",
    conditioning: "as a pencil drawing, seen from the sea",
    target: "A pencil drawing of a lighthouse on a cliff, seen from the sea.",
  },
  {
    reference: "Two children playing football in a street.",
    conditioning: "in a stadium full of people instead",
    target: "Two children playing football in a stadium full of people.",
  },
  {
    reference: "A plastic chair next to a small round table.",
    conditioning: "the chair should be made of metal and stand on top of the table",
    target: "A metal chair standing on top of a small round table.",
  },
  {
    reference: "A cook cutting vegetables in a bright kitchen.",
    conditioning: "show a close-up of the hands with a fish rather than vegetables",
    target: "A close-up of a cook's hands cutting a fish in a bright kitchen.",
  },
  {
    reference: "A horse standing behind a fence in a green field.",
    conditioning: "the horse jumps over the fence",
    target: "A horse jumping over a fence in a green field.",
  },
  {
    reference: "A crowded train station with people waiting for a train.",
    conditioning: "nobody is there and the train has arrived",
    target: "An empty train station with a train at the platform.",
  },
];
