/** Images that people handed to the page: in memory, a bounded number of them, forgotten oldest first. */
import { Refusal } from "./refusal.ts";
import type { ServedImage } from "./collection.ts";

/** An image that was handed over. */
export interface Upload {
  /** `[P]`, its features. */
  features: Float32Array;
  /** The image as the page shows it. */
  shown: ServedImage;
}

/** The images that were handed over last. */
export interface Uploads {
  /** Keeps an image, and forgets the one that was used longest ago if there are too many. @returns its token */
  keep(upload: Upload): string;
  /** Finds an image. @throws {Refusal} with status 404 if it is not kept (any more) */
  get(token: string): Upload;
}

/** Makes an empty store. @param most images that are kept */
export function uploadStore(most: number): Uploads {
  const kept = new Map<string, Upload>();
  return {
    keep(upload) {
      const token = crypto.randomUUID();
      kept.set(token, upload);
      if (kept.size > most) kept.delete(kept.keys().next().value!);
      return token;
    },
    get(token) {
      const upload = kept.get(token);
      if (!upload) throw new Refusal(404, "Your image is not kept any more; hand it over again.");
      kept.delete(token);
      kept.set(token, upload);
      return upload;
    },
  };
}
