/** The page's server as a function from requests to answers; it opens no port. */
import { Hono } from "./hono.ts";
import type { Served } from "./collection.ts";
import { checkRequest, securityHeaders } from "./guard.ts";
import { imageRoutes } from "./image_routes.ts";
import { pageFiles } from "./page_files.ts";
import { Refusal } from "./refusal.ts";
import { type FetchImage, searchRoutes } from "./search_routes.ts";

/** Options of {@linkcode pageApp}. */
export interface PageAppOptions {
  /** What is served; it may change at any time. */
  served: Served;
  /** Host names that are answered beside addresses in numbers and "localhost"; none by default. */
  names?: readonly string[];
  /** Fetches an image by an address that the person typed; absent: addresses are refused. */
  fetchImage?: FetchImage;
  /** Called with what went wrong unexpectedly. */
  onError?: (error: unknown) => void;
}

/** The page's server. */
export interface PageApp {
  /** Answers a request; it never throws. */
  answer(request: Request): Promise<Response>;
  /** Whether no request is being worked on. */
  idle(): boolean;
}

/** Makes the page's server. */
export async function pageApp(
  { served, names = [], fetchImage, onError = () => {} }: PageAppOptions,
): Promise<PageApp> {
  const app = new Hono();
  let atWork = 0;
  app.use(async (c, next) => {
    checkRequest(c.req.raw, names);
    await next();
  });
  for (const [path, { text, type }] of await pageFiles()) {
    app.get(path, (c) => c.body(text, 200, { "content-type": type, "cache-control": "no-cache" }));
  }
  app.route("/", imageRoutes(served, fetchImage !== undefined));
  app.route("/", searchRoutes(served, fetchImage));
  for (const { path, method } of app.routes.filter(({ method }) => method === "GET" || method === "POST")) {
    app.all(path, () => {
      throw new Refusal(405, `This address answers ${method} only.`);
    });
  }
  app.notFound((c) => c.json({ error: "There is nothing at this address." }, 404));
  app.onError((error, c) => {
    if (error instanceof Refusal) {
      if (error.status === 503) c.header("retry-after", "2");
      return c.json({ error: error.message }, error.status);
    }
    // Whoever asked is gone, and hears nothing of it.
    if (!c.req.raw.signal.aborted) onError(error);
    return c.json({ error: "Something went wrong on the server; its terminal says what." }, 500);
  });
  return {
    idle: () => atWork === 0,
    async answer(request) {
      atWork++;
      try {
        const response = await app.fetch(request);
        for (const [name, value] of Object.entries(securityHeaders)) response.headers.set(name, value);
        if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-store");
        return response;
      } finally {
        atWork--;
      }
    },
  };
}
