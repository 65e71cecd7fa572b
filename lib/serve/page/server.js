/** Requests to the page's own server. Every error has a sentence for the person. */

async function ask(path, init) {
  let response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server does not answer. Is its command still running in the terminal?");
  }
  const answer = await response.json().catch(() => ({ error: `The server answered ${response.status}.` }));
  if (response.ok) return answer;
  throw Object.assign(new Error(answer.error), { status: response.status });
}

const send = (path, content, signal) =>
  ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(content), signal });

/** What is served, and how far it is. */
export const readState = () => ask("/api/state");

/** Images of the collection. */
export const readImages = (from) => ask(`/api/images?from=${from}`);

/** Searches. */
export const search = (query, signal) => send("/api/search", query, signal);

/** Hands an image over. */
export const upload = (file) =>
  ask("/api/uploads", { method: "POST", headers: { "content-type": file.type || "image/unknown" }, body: file });

/** Lets the server fetch an image. */
export const fetchAddress = (address) => send("/api/addresses", { address });

/** The address of an image, given by its row or its token. */
export const imageAddress = (key, image) => typeof image === "number" ? `/images/${key}/${image}` : `/uploads/${image}`;
