/**
 * The state of the page as its address, so that back, forward, reload and bookmarks work: the path of the search as one
 * `step` each (image, colon, text), the way of searching, and its weight.
 *
 * An address names images by their row or token only. It never makes the server fetch anything.
 */

/** Most steps that are remembered. */
const mostSteps = 12;

/** The state of a page that was just opened. */
export const start = { steps: [], method: "composed", weight: 0.5 };

/** Reads the state from the part of an address that begins with "?"; what is odd in it is left out. */
export function readAddress(search, methods) {
  const given = new URLSearchParams(search);
  const steps = given.getAll("step").slice(-mostSteps).map(readStep).filter(({ image, text }) =>
    image !== undefined || text !== ""
  );
  const method = methods.includes(given.get("method")) ? given.get("method") : methods[0];
  const weight = Number(given.get("weight") ?? start.weight * 100) / 100;
  return { steps, method, weight: weight >= 0 && weight <= 1 ? weight : start.weight };
}

function readStep(step) {
  const [, image, text] = step.match(/^(\d{1,9}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|):([^]*)$/) ?? ["", "", ""];
  return { image: image === "" ? undefined : /^\d+$/.test(image) ? Number(image) : image, text: text.slice(0, 500) };
}

/** Writes the state as an address. */
export function writeAddress({ steps, method, weight }, methods) {
  const search = new URLSearchParams();
  for (const { image, text } of steps.slice(-mostSteps)) search.append("step", `${image ?? ""}:${text}`);
  if (method !== methods[0]) search.set("method", method);
  if (weight !== start.weight) search.set("weight", String(Math.round(weight * 100)));
  const text = search.toString();
  return text === "" ? "/" : `/?${text}`;
}

/** The state after a further step; the image of it is the next reference. */
export function withStep(state, step) {
  return { ...state, steps: [...state.steps, step].slice(-mostSteps) };
}

/** The state with the last step changed, or begun. */
export function withLast(state, change) {
  const last = { image: undefined, text: "", ...state.steps.at(-1), ...change };
  return { ...state, steps: [...state.steps.slice(0, -1), last] };
}
