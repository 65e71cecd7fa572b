/** The work of `deno task serve`: opens the port at once, then makes what it serves while the page tells how far it is. */
import type { Device } from "../lib/backend/device.ts";
import { loadSharp } from "../lib/io/load_sharp.ts";
import { shownReason } from "../lib/io/shown.ts";
import { fetchImage } from "../lib/search/fetch_image.ts";
import { openImageIndex } from "../lib/search/open_index.ts";
import { pageApp } from "../lib/serve/app.ts";
import type { Served } from "../lib/serve/collection.ts";
import { indexedCollection } from "../lib/serve/indexed_collection.ts";
import { serveDrawings } from "../lib/serve/serve_drawings.ts";
import { loadModels } from "./models.ts";
import { checkServe, type ServeTask } from "./serve_checks.ts";
import type { Session } from "./session.ts";

/** Where the fine-tuned text encoder of the embedded drawings is kept, in the folder in which the command runs. */
const cache = ".cache/serve";

/** Serves the page until Ctrl-C. */
export async function servePage(task: ServeTask, session: Session): Promise<void> {
  const device = await checkServe(task, session), { signal } = session;
  const served: Served = {
    fineTuned: task.index === undefined ? "in training" : task.textEncoder === undefined ? "none" : "ready",
    // What made an encoder of one's own is not known here.
    fineTuning: task.index === undefined ? "RTD" : undefined,
    device: device.name,
  };
  const app = await pageApp({
    served,
    names: task.name,
    fetchImage: task.addresses ? (address) => fetchImage(address) : undefined,
    onError: (error) => console.error(`A request failed: ${shownReason(error)}`),
  });
  const server = listen(task, app.answer, signal);
  session.whenStopped("The page is closed.");
  try {
    if (task.index === undefined) await serveEmbedded(served, device, app.idle, session);
    else await serveIndex(task, served, session);
  } catch (error) {
    if (!served.collection || signal.aborted) throw error;
    // What can be searched stays so.
    served.fault = `The text encoder could not be fine-tuned: ${shownReason(error)}`;
    served.fineTuned = "none";
    console.error(served.fault);
  }
  session.stageDone();
  await server.finished;
}

/** Opens the port. @throws {Error} if it is taken, or the address is not this machine's */
function listen(
  { bind, port }: ServeTask,
  answer: (request: Request) => Promise<Response>,
  signal: AbortSignal,
): Deno.HttpServer<Deno.NetAddr> {
  const host = bind.includes(":") ? `[${bind}]` : bind;
  try {
    const server = Deno.serve({ port, hostname: bind, signal, onListen: () => {} }, answer);
    console.log(`\nThe page: http://${host}:${server.addr.port}/   (Ctrl-C closes it)\n`);
    return server;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new Error(`Serving the page failed: port ${port} is taken; choose another with --port, or 0 for any.`);
    }
    throw new Error(`Serving the page at ${host}:${port} failed: ${shownReason(error)}.`, { cause: error });
  }
}

async function serveIndex(task: ServeTask, served: Served, session: Session): Promise<void> {
  const { index: folder, phi, textEncoder, images } = task, bar = session.progress("loading the models and the index");
  served.stage = { title: "Loading the models and the index", done: 0, total: 2 };
  await session.yield(); // the page may be opened meanwhile
  const models = await loadModels({ clip: task.clip!, phi, textEncoder });
  bar.update(1, 2);
  served.stage.done = 1;
  await session.yield();
  const index = await openImageIndex(folder!, { clip: models.clip, folder: images });
  bar.update(2, 2);
  bar.done();
  served.stage = undefined;
  served.collection = indexedCollection({ index, ...models, textWeights: models.textEncoder?.weights });
  console.log(`${served.collection.title} can be searched`);
}

async function serveEmbedded(served: Served, device: Device, idle: () => boolean, session: Session): Promise<void> {
  await serveDrawings({
    ...{ served, device, cache, idle, signal: session.signal },
    onStage: ({ title, done, total, note }) => session.stage(title, done, total, note),
    onReady: () => session.stageDone(),
    onNotKept: (reason) => console.log(`The fine-tuned text encoder is not kept for the next time: ${reason}`),
  });
  // Everything is in memory by now, the decoder of handed-over images included: from here on no request can make this
  // process read or write a file.
  await loadSharp();
  for (const name of ["read", "write"] as const) await Deno.permissions.revoke({ name });
}
