/** What the page knows: the state that its address says, what is served, and the names of images. */
import { start } from "./address.js";

/** Results at first, and after "More results". */
export const few = 12, many = 48;

/** The ways to search: name, and what they do. */
export const ways = {
  composed: ["composed", "The image becomes a token of the sentence “a photo of [image] that …”: what RTD trains."],
  sum: ["sum", "The similarities to image and text are added."],
  product: ["product", "The similarities to image and text are multiplied."],
  image: ["image only", "The text is not read."],
  text: ["text only", "The image is not looked at."],
};

/** What the page knows. */
export const model = {
  /** The answer of the server about what is served. */
  served: undefined,
  /** Path, way and weight. */
  state: start,
  /** Results that are asked for. */
  shown: few,
};

const labels = new Map();

/** Remembers names of images. */
export function remember(images) {
  for (const { row, label } of images) labels.set(row, label);
}

/** The name of an image, by its row or token. */
export function labelOf(image) {
  if (image === undefined) return "no image";
  return labels.get(image) ?? (typeof image === "number" ? `image ${image}` : "your image");
}

/** The step that is searched for, if there is one. */
export const lastStep = () => model.state.steps.at(-1);

/** What fine-tuned the text encoder. */
export const fineTuning = () => model.served.fineTuning ?? "fine-tuning";

/** The key of the collection, which addresses of its images hold. */
export const key = () => model.served.collection.key;
