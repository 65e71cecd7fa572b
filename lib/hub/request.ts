/** HTTP requests with time limits: on the beginning of an answer, and on a body that stalls. */

/** Seconds until an answer must have begun, redirects included, unless the caller says otherwise. */
const defaultConnectSeconds = 30;

/** Seconds in which {@linkcode stallBytes} of a body must arrive, unless the caller says otherwise. */
const defaultStallSeconds = 60;

/** Bytes of a body that must arrive within the limit, so that a byte now and then does not count as progress. */
const stallBytes = 1024;

/** Longest time limit that can be asked for, seconds: a day. */
export const maxLimitSeconds = 86_400;

/** Time limits of a request. */
export interface TimeLimits {
  /** Seconds until an answer must have begun (default 30). */
  connectSeconds?: number;
  /** Seconds in which at least 1024 bytes of a body must arrive, or its end (default 60). */
  stallSeconds?: number;
}

/**
 * Makes sure that time limits can be kept; those that are undefined have defaults.
 *
 * @param action for the error message, such as "Fetching org/model"
 * @throws {Error} if one is not above 0 and at most {@linkcode maxLimitSeconds}
 */
export function checkLimits(action: string, limits: Readonly<Record<string, number | undefined>>): void {
  for (const [name, seconds] of Object.entries(limits)) {
    if (seconds === undefined || (seconds > 0 && seconds <= maxLimitSeconds)) continue;
    throw new Error(
      `${action} failed: ${name} is ${seconds}, expected were more than 0 and at most ${maxLimitSeconds} seconds.`,
    );
  }
}

/** An answer that has begun. */
export interface TimedResponse {
  /** Status and headers; its body must not be read directly. */
  response: Response;
  /** The body, part by part; a part is awaited no longer than the limit. */
  parts: AsyncGenerator<Uint8Array>;
}

/**
 * Sends a request. Compressed answers are not asked for, so that lengths are those of the content.
 *
 * @throws {Error} if no answer begins within the limit or the connection fails; reading `parts` throws if the body
 *   stalls or the connection breaks
 */
export async function request(
  url: string,
  init: RequestInit & { headers?: Record<string, string> },
  { connectSeconds = defaultConnectSeconds, stallSeconds = defaultStallSeconds }: TimeLimits = {},
): Promise<TimedResponse> {
  const controller = new AbortController();
  const stop = (reason: string) => controller.abort(new Error(reason));
  const timer = setTimeout(() => stop(`no answer came within ${connectSeconds} s`), 1000 * connectSeconds);
  try {
    const headers = { ...init.headers, "accept-encoding": "identity" };
    const response = await fetch(url, { ...init, headers, signal: controller.signal });
    return { response, parts: timedParts(response, stallSeconds, stop) };
  } finally {
    clearTimeout(timer);
  }
}

async function* timedParts(
  { body }: Response,
  seconds: number,
  stop: (reason: string) => void,
): AsyncGenerator<Uint8Array> {
  if (!body) return;
  const reader = body.getReader();
  let left = 1000 * seconds, bytes = 0;
  try {
    while (true) {
      // Only waiting counts, not what the caller does with a part.
      const start = performance.now();
      const timer = setTimeout(() => stop(`fewer than ${stallBytes} bytes came within ${seconds} s`), left);
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      if (done) return;
      [left, bytes] = [left - (performance.now() - start), bytes + value.length];
      if (bytes >= stallBytes) [left, bytes] = [1000 * seconds, 0];
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
