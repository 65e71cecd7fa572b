/** Searches for what the state says, and shows what was found. */
import { byId, make, say, show } from "./elements.js";
import { few, fineTuning, key, lastStep, model, remember } from "./model.js";
import { fillHits, fillWaiting } from "./results.js";
import { search } from "./server.js";

/** Milliseconds after which a search that is not answered is shown as waiting. */
const patience = 150;

const results = byId("results"), frozenSide = byId("frozen");
const frozenList = frozenSide.querySelector(".hits"), fineTunedList = byId("fine-tuned").querySelector(".hits");
let running;

/** Searches; a search that still runs is given up. @param said begins the sentence about what was found */
export async function run(said = "") {
  running?.abort();
  fault("");
  const last = lastStep(), { method, weight } = model.state;
  show(results, last !== undefined);
  show(byId("more"), false);
  if (!last) return say(byId("status"), "Choose an image below, or hand one over; then type what should be different.");
  const mine = running = new AbortController(), waits = setTimeout(showWaiting, patience);
  try {
    const query = { ...last, method, weight, top: Math.min(model.shown, model.served.limits.results) };
    showFound(await search(query, mine.signal), said);
  } catch (error) {
    if (error.name === "AbortError") return;
    show(results, false);
    say(byId("status"), "");
    const passing = error.status === 503 || error.status === undefined;
    fault(error.message, passing ? () => run() : undefined);
  } finally {
    clearTimeout(waits);
    if (running === mine) {
      running = undefined;
      results.classList.remove("busy");
      results.removeAttribute("aria-busy");
    }
  }
}

function showWaiting() {
  if (frozenList.children.length === 0) fillWaiting(frozenList, few);
  results.classList.add("busy");
  results.setAttribute("aria-busy", "true");
}

/** Shows what was found, on one side where no text encoder took part or there is only one. */
function showFound({ method, frozen, fineTuned, milliseconds }, said) {
  const alone = method === "image", expected = model.served.fineTuned !== "none";
  remember(frozen);
  remember(fineTuned ?? []);
  results.classList.toggle("one", alone || !expected);
  const before = ["Before ", make("span", { class: "what" }, "frozen text encoder")];
  const heading = alone ? ["Similar images"] : expected ? before : ["Results"];
  frozenSide.querySelector("h2").replaceChildren(...heading);
  say(byId("fine-tuned").querySelector(".fine-tuning"), fineTuning());
  fillHits(frozenList, key(), frozen);
  fillHits(fineTunedList, key(), fineTuned ?? [], frozen);
  show(byId("more"), frozen.length === few && model.shown === few);
  const first = (hits) => hits[0]?.label ?? "nothing";
  const best = alone
    ? "by the image alone; type what should be different"
    : fineTuned
    ? `first before: ${first(frozen)}; first after ${fineTuning()}: ${first(fineTuned)}`
    : `first: ${first(frozen)}`;
  say(byId("status"), `${said}${frozen.length} results in ${milliseconds} ms; ${best}.`);
}

/** Shows a fault with a way to try again, or takes it away. */
export function fault(message, again) {
  const place = byId("fault");
  show(place, message !== "");
  place.replaceChildren(message);
  if (again) place.append(" ", make("button", { type: "button", onclick: again }, "Try again"));
}
