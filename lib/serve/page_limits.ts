/** Bounds of the page's server, so that its memory and its waiting times have bounds too. */
export const pageLimits = {
  /** Bytes of an image that is handed over. */
  uploadBytes: 20 * 2 ** 20,
  /** Images that were handed over and are kept. */
  uploads: 64,
  /** Seconds until a request must have arrived. */
  bodySeconds: 30,
  /** Bytes of a request in JSON. */
  jsonBytes: 8192,
  /** Letters of the longest text; what exceeds the text encoder's context is cut there, as in training. */
  textLetters: 500,
  /** Results of each encoder. */
  results: 48,
  /** Searches and encodings that may wait for their turn. */
  searchesWaiting: 64,
  /** Handed-over images that may arrive or wait at once. */
  uploadsWaiting: 8,
  /** Images of the collection that are made small at once. */
  imagesAtOnce: 4,
  /** Images of the collection that may wait for that. */
  imagesWaiting: 256,
  /** Images in one list of the collection. */
  listed: 60,
} as const;
