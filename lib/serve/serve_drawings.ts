/** Serves the embedded drawings: they are drawn and encoded, then searched while the text encoder is fine-tuned. */
import type { Device } from "../backend/device.ts";
import { encodeImages } from "../clip/encode.ts";
import { normaliseImages } from "../embedded/normalise_images.ts";
import { loadEmbeddedModel } from "../emoji/model/embedded_model.ts";
import { sha256 } from "../io/hash.ts";
import type { Path } from "../io/path.ts";
import { encodeImage } from "../search/encode_image.ts";
import { imageIndex } from "../search/image_index.ts";
import { searchMethods } from "../search/search_method.ts";
import type { Served, Stage } from "./collection.ts";
import { drawEmoji } from "./drawings.ts";
import { fineTuneDrawings } from "./fine_tune_drawings.ts";
import { searchTwice, type TwoEncoders } from "./two_encoders.ts";

/** Options of {@linkcode serveDrawings}. */
export interface ServeDrawingsOptions {
  /** What the page shows; it is changed as the work goes on. */
  served: Served;
  /** The device in use. */
  device: Device;
  /** The folder in which the fine-tuned text encoder is kept. */
  cache: Path;
  /** Whether nobody waits for an answer of the page. */
  idle: () => boolean;
  /** Called as the work goes on. */
  onStage: (stage: Stage) => void;
  /** Called when the collection can be searched. */
  onReady: () => void;
  /** Called with why the fine-tuned encoder is not kept for the next time. */
  onNotKept: (reason: string) => void;
  /** Stops the work. */
  signal: AbortSignal;
}

/**
 * Fills `served` with the embedded drawings, the small embedded CLIP with LinCIR's phi, and a text encoder fine-tuned by
 * RTD. Their tensors are kept until the process ends.
 *
 * @throws {Error} if drawing, encoding or fine-tuning fails; what can be searched by then stays served
 */
export async function serveDrawings(
  { served, device, cache, idle, onStage, onReady, onNotKept, signal }: ServeDrawingsOptions,
): Promise<void> {
  const stage = (now: Stage) => {
    signal.throwIfAborted();
    served.stage = now;
    onStage(now);
  };
  const model = await loadEmbeddedModel({ size: "small" }), { clip } = model;
  const drawings = await drawEmoji((done, total) => stage({ title: "Drawing images", done, total }));
  const features = await encodeImages(clip, normaliseImages(drawings.pixels), {
    onProgress: (done, total) => stage({ title: "Encoding images", done, total }),
  }); // [N, P]
  const index = imageIndex(drawings.emoji.map(({ caption }) => caption), features);
  features.dispose();
  const models: TwoEncoders = { ...model, index };
  served.collection = {
    title: `${drawings.emoji.length.toLocaleString("en")} drawings`,
    key: (await sha256(drawings.pixels)).slice(0, 8),
    size: drawings.emoji.length,
    examples: drawings.examples,
    credits: [drawings.credit],
    methods: searchMethods,
    weighted: ["composed", "sum", "product"],
    label: (row) => drawings.emoji[row].caption,
    image: (row) => Promise.resolve({ bytes: new TextEncoder().encode(drawings.svg(row)), type: "image/svg+xml" }),
    encode: (bytes) => encodeImage(clip, bytes, { transparency: "white" }),
    search: (query) => searchTwice(models, query),
  };
  served.stage = undefined;
  onReady();
  models.textWeights = await fineTuneDrawings({
    ...{ model, edits: drawings.trainEdits, device, cache, idle, onNotKept, signal },
    onStage: stage,
  });
  served.stage = undefined;
  if (models.textWeights) served.fineTuned = "ready";
}
