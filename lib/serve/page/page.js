/** The page: what a person does changes the state, the state is written into the address, and shown. */
import { readAddress, withLast, withStep, writeAddress } from "./address.js";
import { byId, make, say, show } from "./elements.js";
import { few, fineTuning, key, lastStep, many, model, remember, ways } from "./model.js";
import { showLoading, showTraining } from "./progress_view.js";
import { chip, showQuery, showWeight } from "./query_view.js";
import { listenForImages } from "./reference.js";
import { imageButton, markSame, moveByArrows } from "./results.js";
import { fault, run } from "./search_view.js";
import { fetchAddress, readImages, readState, upload } from "./server.js";

/** Milliseconds between looks at what goes on in the background, and of rest before a moved slider searches. */
const lookEvery = 500, rest = 200;

const text = byId("text"), method = byId("method"), weight = byId("weight");
const results = byId("results"), images = byId("collection").querySelector(".images");
let nextImages = 0, moved, lost = false;

listen();
while (!await look()) await new Promise((go) => setTimeout(go, lookEvery));

/** Looks at what is served. @returns whether nothing goes on any more */
async function look() {
  let now;
  try {
    now = await readState();
  } catch (error) {
    lost = true;
    fault(error.message);
    return false;
  }
  if (lost) fault("");
  lost = false;
  const before = model.served;
  model.served = now;
  showLoading(now);
  if (!before && now.collection === undefined) say(byId("about"), now.device);
  if (!now.collection) {
    fault(now.fault ?? "");
    return now.fault !== undefined;
  }
  if (!before?.collection) await open();
  if (before?.fineTuned === "in training" && now.fineTuned === "ready") await run(`${fineTuning()} is ready. `);
  showTraining(now);
  if (before?.fineTuned === "in training" && now.fault) fault(now.fault);
  return now.fineTuned !== "in training";
}

/** Shows the collection, and what the address asks for: without anything, the first example. */
async function open() {
  const { collection: { title, credits, examples, methods }, device, addresses } = model.served;
  fault("");
  say(byId("about"), `${title} · ${device}`);
  say(byId("credits"), credits.length > 0 ? `Images: ${credits.join("; ")}.` : "");
  method.replaceChildren(...methods.map((id) => make("option", { value: id }, ways[id][0])));
  remember(examples);
  const begin = ({ row, text }) => ({ image: row, text });
  byId("examples").querySelector(".chips").replaceChildren(
    ...examples.map((example) =>
      make("li", {}, chip(example.row, example.label, example.text, () => go({ steps: [begin(example)] })))
    ),
  );
  show(byId("examples"), examples.length > 0);
  show(byId("address-line"), addresses);
  show(byId("query"), true);
  show(byId("collection"), true);
  await showImages();
  model.state = readAddress(location.search, methods);
  if (model.state.steps.length === 0 && examples.length > 0) model.state.steps = [begin(examples[0])];
  history.replaceState(null, "", writeAddress(model.state, methods));
  showQuery(goBack);
  await run();
}

/** Shows further images of the collection. */
async function showImages() {
  try {
    const { images: listed, next } = await readImages(nextImages);
    nextImages = next;
    remember(listed);
    images.replaceChildren(...listed.map((image) => make("li", {}, imageButton(key(), image))));
    show(byId("others"), model.served.collection.size > listed.length);
  } catch (error) {
    fault(error.message);
  }
}

/** Changes the state, its address, and what is shown. @param way whether "back" leads to what was shown before */
function go(change, way = "pushState") {
  clearTimeout(moved);
  Object.assign(model.state, change);
  model.shown = few;
  history[way](null, "", writeAddress(model.state, model.served.collection.methods));
  showQuery(goBack);
  run();
}

/** Goes back to a step of the path. */
function goBack(at) {
  go({ steps: model.state.steps.slice(0, at + 1) });
}

/** Makes an image the next reference: of a result as a further step, of the collection as a new beginning. */
function follow(image, further) {
  go(further ? withStep(model.state, { image, text: "" }) : { steps: [{ image, text: "" }] });
  scrollTo({ top: 0 });
  // On a touch screen the focus would raise a keyboard over what is to be looked at.
  if (!matchMedia("(pointer: coarse)").matches) text.focus({ preventScroll: true });
}

/** Takes an image that the person hands over; a text that is typed already stays. */
async function take(send) {
  if (!model.served?.collection) return;
  fault("");
  say(byId("status"), "Reading the image …");
  try {
    const { token } = await send();
    go({ steps: [{ image: token, text: text.value.trim() }] });
  } catch (error) {
    say(byId("status"), "");
    fault(error.message);
  }
}

function submit() {
  const last = lastStep(), typed = text.value.trim();
  if (typed === "" && last?.image === undefined) {
    say(byId("status"), "Choose an image, type a text, or both.");
    text.focus();
  } else if (typed === last?.text) run();
  else go(withLast(model.state, { text: typed }));
}

async function showMore() {
  const list = byId("frozen").querySelector(".hits"), at = list.children.length;
  model.shown = many;
  await run();
  list.children[at]?.querySelector("button")?.focus();
}

/** Listens to the person. */
function listen() {
  markSame(results);
  for (const list of [...results.querySelectorAll(".hits"), images]) moveByArrows(list);
  byId("query").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  method.addEventListener("change", () => go({ method: method.value }));
  weight.addEventListener("input", () => {
    showWeight();
    clearTimeout(moved);
    moved = setTimeout(() => go({ weight: Number(weight.value) / 100 }, "replaceState"), rest);
  });
  byId("clear").addEventListener("click", () => {
    const { text: typed } = lastStep();
    go(typed === "" ? { steps: [] } : withLast(model.state, { image: undefined }));
    text.focus();
  });
  byId("more").addEventListener("click", showMore);
  byId("others").addEventListener("click", showImages);
  byId("fetch").addEventListener("click", () => take(() => fetchAddress(byId("address").value.trim())));
  byId("address").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    byId("fetch").click();
  });
  for (const place of [results, images]) {
    place.addEventListener("click", ({ target }) => {
      const row = target.closest("[data-row]")?.dataset.row;
      if (row !== undefined) follow(Number(row), place === results);
    });
  }
  listenForImages((file) => take(() => upload(file)), fault);
  addEventListener("popstate", () => {
    const { collection } = model.served ?? {};
    // The link that skips to the results changes the address too, but not what it asks for.
    if (!collection || writeAddress(model.state, collection.methods) === `/${location.search}`) return;
    model.state = readAddress(location.search, collection.methods);
    model.shown = few;
    showQuery(goBack);
    run();
  });
  addEventListener("keydown", (event) => {
    const { tagName, type } = document.activeElement ?? {};
    const typing = tagName === "SELECT" || tagName === "INPUT" && type !== "range";
    if (event.key !== "/" || typing || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    text.focus();
    text.select();
  });
}
