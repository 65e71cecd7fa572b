/** The ways in which a person hands an image over: a file, a drop, or the clipboard. */
import { byId, show } from "./elements.js";

/** Calls `onFile` with each image that is handed over, and `onFault` with a sentence if it is none. */
export function listenForImages(onFile, onFault) {
  const file = byId("file"), drop = byId("drop");
  const take = (files) => {
    const image = [...files].find(({ type }) => type.startsWith("image/"));
    if (image) onFile(image);
    else if (files.length > 0) onFault("That is not an image; hand over a JPEG, PNG or WebP.");
  };
  byId("choose").addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    take(file.files);
    file.value = ""; // the same file may be chosen again
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData.files.length === 0) return; // a text goes where it is pasted
    event.preventDefault();
    take(event.clipboardData.files);
  });
  const hasFiles = ({ dataTransfer }) => dataTransfer.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    show(drop, true);
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) show(drop, false);
  });
  addEventListener("drop", (event) => {
    show(drop, false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
}
