/** Shows what goes on in the background: making the collection, then fine-tuning the text encoder. */
import { byId, say, show } from "./elements.js";

/** Shows how far the collection is. */
export function showLoading({ collection, stage }) {
  showStage(byId("loading"), byId("loading-text"), byId("loading-bar"), collection ? undefined : stage);
}

/** Shows how far the fine-tuning is, in the place of its results. */
export function showTraining({ fineTuned, stage }) {
  const place = byId("fine-tuned").querySelector(".training"), { note = "", secondsLeft } = stage ?? {};
  showStage(place, byId("training-text"), byId("training-bar"), fineTuned === "in training" ? stage : undefined);
  const left = typeof secondsLeft === "number" ? `About ${Math.max(1, Math.round(secondsLeft))} s left. ` : "";
  say(byId("training-note"), `${left}${note} Its results will appear here.`);
}

function showStage(place, words, bar, stage) {
  show(place, stage !== undefined);
  if (!stage) return;
  say(words, `${stage.title}: ${stage.done.toLocaleString("en")} of ${stage.total.toLocaleString("en")}`);
  bar.max = Math.max(1, stage.total);
  bar.value = stage.done;
}
