/** Shows lists of images: results, and images of the collection. */
import { make } from "./elements.js";
import { imageAddress } from "./server.js";

/** A button with an image of the collection. */
export function imageButton(key, { row, label }) {
  const image = make("img", { src: imageAddress(key, row), alt: label, loading: "lazy", decoding: "async" });
  return make("button", { type: "button", class: "tile", title: label, "data-row": String(row) }, image);
}

/** Fills a list with results. Where there is another list, it says how an image has moved against it. */
export function fillHits(list, key, hits, before) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.row : undefined;
  list.replaceChildren(...hits.map(({ row, label, score }, at) => {
    const image = make("img", { src: imageAddress(key, row), alt: "", decoding: "async" });
    const figures = make("span", { class: "figures" }, make("span", { title: "score" }, score.toFixed(3)));
    const moved = before && movement(before.findIndex((hit) => hit.row === row), at, before.length);
    if (moved) figures.append(make("span", { class: "moved", title: moved.title }, moved.text));
    const button = make(
      "button",
      { type: "button", class: "hit", title: label, "data-row": String(row) },
      make("span", { class: "tile" }, image),
      make("span", { class: "label" }, label.slice(label.lastIndexOf("/") + 1)),
      figures,
    );
    return make("li", {}, button);
  }));
  // Who stands on an image that is still there stays on it.
  if (focused !== undefined) list.querySelector(`[data-row="${focused}"]`)?.focus();
}

/** How an image has moved; nothing where it fell or stayed. */
function movement(was, is, listed) {
  if (was < 0) return { text: "new", title: `not among the first ${listed} before` };
  return was > is && { text: `was ${was + 1}`, title: `its rank before was ${was + 1}` };
}

/** Fills a list with grey places. */
export function fillWaiting(list, count) {
  const places = Array.from({ length: count }, () => make("li", { class: "waiting" }));
  list.replaceChildren(...places);
}

/** Marks the same image in both lists while it is looked at. */
export function markSame(results) {
  const mark = (row) => {
    for (const hit of results.querySelectorAll(".hit")) {
      hit.classList.toggle("same", row !== undefined && hit.dataset.row === row);
    }
  };
  const rowOf = ({ target }) => target.closest?.(".hit")?.dataset.row;
  for (const kind of ["mouseover", "focusin"]) results.addEventListener(kind, (event) => mark(rowOf(event)));
  for (const kind of ["mouseleave", "focusout"]) results.addEventListener(kind, () => mark());
}

/** Lets the arrow keys move between the buttons of a list, as they lie on the screen. */
export function moveByArrows(list) {
  list.addEventListener("keydown", (event) => {
    const buttons = [...list.querySelectorAll("button")], at = buttons.indexOf(document.activeElement);
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const top = buttons[0].getBoundingClientRect().top;
    const across = buttons.filter((button) => button.getBoundingClientRect().top === top).length;
    const to = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at - across,
      ArrowDown: at + across,
      Home: 0,
      End: -1,
    };
    if (!(event.key in to)) return;
    const next = to[event.key] === -1 && event.key === "End" ? buttons.at(-1) : buttons[to[event.key]];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}
