/** Shows the query: reference image, text, way, weight, and the path that led there. */
import { byId, make, say, show } from "./elements.js";
import { key, labelOf, lastStep, model, ways } from "./model.js";
import { imageAddress } from "./server.js";

const text = byId("text"), method = byId("method"), weight = byId("weight");

/** Fills the query from the state. @param onStep called with the number of a step of the path that is to be last */
export function showQuery(onStep) {
  const { steps, method: way, weight: share } = model.state, { image, text: typed = "" } = lastStep() ?? {};
  text.value = typed;
  method.value = way;
  weight.value = String(share * 100);
  showWeight();
  showReference(image);
  show(byId("trail"), steps.length > 1);
  byId("trail").querySelector("ol").replaceChildren(...steps.map((step, at) => {
    const button = chip(step.image, labelOf(step.image), step.text, () => onStep(at));
    if (at === steps.length - 1) button.setAttribute("aria-current", "step");
    return make("li", {}, button);
  }));
  document.title = typed === "" ? "Search by an image and a change" : `${typed} · image search`;
}

function showReference(image) {
  const tile = byId("reference-image"), none = image === undefined;
  tile.classList.toggle("empty", none);
  tile.replaceChildren(none ? "No image" : referenceImage(tile, image));
  show(byId("clear"), !none);
}

function referenceImage(tile, image) {
  const onerror = () => {
    tile.classList.add("empty");
    tile.replaceChildren("Not kept any more");
  };
  return make("img", { src: imageAddress(key(), image), alt: `Reference: ${labelOf(image)}`, onerror });
}

/** Shows what the way means, and its weight where there is one. */
export function showWeight() {
  show(byId("weight-choice"), model.served.collection.weighted.includes(method.value));
  say(byId("weight-value"), `${weight.value} %`);
  say(byId("method-hint"), ways[method.value]?.[1] ?? "");
}

/** A button with a small image and a text. */
export function chip(image, label, change, onclick) {
  const small = image === undefined
    ? make("span", { class: "none" })
    : make("img", { src: imageAddress(key(), image), alt: label });
  return make("button", { type: "button", class: "chip", title: label, onclick }, small, change || label);
}
