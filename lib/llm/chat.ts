/** A client for endpoints with OpenAI's chat protocol, such as a local llama.cpp or Ollama. */

/** Longest wait before one further attempt, seconds, whatever `Retry-After` asks for. */
export const maxWaitSeconds = 120;

/** Longest sum of the waits before the attempts of one prompt, seconds. */
export const maxTotalWaitSeconds = 600;

/** Longest reply that is read, bytes after decompression (4 MiB). */
export const maxReplyBytes = 4 * 2 ** 20;

/** A language model and the endpoint that serves it. */
export interface ChatEndpoint {
  /** Base URL including the version, such as "http://localhost:11434/v1". */
  url: string;
  /** The model's name at the endpoint. */
  model: string;
  /** API key, sent as a bearer token; none by default. */
  key?: string;
}

/** The reply of a language model. Tokens are as the endpoint counts them, 0 if it does not report them. */
export interface ChatReply {
  /** Text of the reply. */
  text: string;
  /** Number of tokens of the prompt. */
  promptTokens: number;
  /** Number of tokens of the reply. */
  replyTokens: number;
}

/** Options of {@linkcode chat}. */
export interface ChatOptions {
  /** Sampling temperature (default 1). */
  temperature?: number;
  /** Seed of the sampling, for endpoints that take one; none is sent by default. */
  seed?: number;
  /** Seconds to wait for one reply (default 120). */
  timeout?: number;
  /** Further attempts if the endpoint is busy, cannot be reached, or replies in another form (default 4). */
  retries?: number;
  /**
   * Seconds before the first further attempt, doubled each time (default 1); `Retry-After` takes precedence. One wait
   * takes at most 120 s, all waits of a prompt together at most 600 s.
   */
  wait?: number;
  /** Called before each further attempt with the reason and the seconds until it. */
  onRetry?: (reason: string, seconds: number) => void;
}

/**
 * Sends one prompt to a language model and returns its reply; a request that fails for a passing reason is repeated.
 *
 * @throws {Error} if the endpoint's URL is none, the connection is not permitted, the endpoint refuses, its reply is
 *   longer than 4 MiB, or after all retries it cannot be reached or its reply is no chat completion; what the
 *   connection said is the error's `cause`
 *
 * @example
 * ```ts ignore
 * const endpoint = { url: "http://localhost:11434/v1", model: "llama3.2" };
 * const { text } = await chat(endpoint, "Name three colours.", { temperature: 0 });
 * console.log(text);
 * ```
 */
export async function chat(
  { url, model, key }: ChatEndpoint,
  prompt: string,
  { temperature = 1, seed, timeout = 120, retries = 4, wait = 1, onRetry = () => {} }: ChatOptions = {},
): Promise<ChatReply> {
  const address = `${url.replace(/\/+$/, "")}/chat/completions`;
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new Error(
      `Asking ${url} for "${model}" failed: it is no address; one looks like "http://localhost:11434/v1".`,
    );
  }
  for (let attempt = 0, waited = 0;; attempt++) {
    const outcome = await send(
      address,
      key,
      { model, temperature, ...(seed === undefined ? {} : { seed }), messages: [{ role: "user", content: prompt }] },
      timeout,
    );
    if ("reply" in outcome) return outcome.reply;
    const tried = attempt > 0 ? ` ${attempt + 1} times` : "";
    const failure = `Asking ${address} for "${model}" failed${tried}: ${outcome.reason}`;
    if (!outcome.again || attempt >= retries) throw new Error(`${failure}.`, { cause: outcome.cause });
    const asked = outcome.after ?? wait * 2 ** attempt, seconds = Math.min(asked, maxWaitSeconds);
    if (waited + seconds > maxTotalWaitSeconds) {
      throw new Error(
        `${failure}; ${waited} s were waited, and ${maxTotalWaitSeconds} s are the most; try again later.`,
        { cause: outcome.cause },
      );
    }
    waited += seconds;
    const capped = seconds < asked ? ` (${asked} s were to be waited, ${maxWaitSeconds} s are the most)` : "";
    onRetry(`${outcome.reason}${capped}`, seconds);
    await new Promise((resume) => setTimeout(resume, 1000 * seconds));
  }
}

type Outcome = { reply: ChatReply } | { reason: string; again: boolean; after?: number; cause?: unknown };

async function send(address: string, key: string | undefined, body: unknown, timeout: number): Promise<Outcome> {
  let response: Response, text: string | undefined;
  try {
    response = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", ...(key ? { authorization: `Bearer ${key}` } : {}) },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(1000 * timeout),
    });
    text = await boundedText(response);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      return { reason: `it is not permitted (${error.message})`, again: false, cause: error };
    }
    const slow = error instanceof DOMException && error.name === "TimeoutError";
    const reason = slow ? `no answer in ${timeout} s` : "it cannot be reached, or broke off";
    return { reason, again: true, cause: error };
  }
  if (text === undefined) return { reason: `its answer is longer than ${maxReplyBytes} bytes`, again: false };
  if (!response.ok) {
    const busy = response.status === 408 || response.status === 429 || response.status >= 500;
    const after = response.headers.get("retry-after")?.trim() ?? "";
    return {
      reason: `it said ${response.status} ${text.replace(/\s+/g, " ").slice(0, 200)}`.trim(),
      again: busy,
      ...(/^\d+(\.\d+)?$/.test(after) ? { after: Number(after) } : {}),
    };
  }
  try {
    const { choices, usage } = JSON.parse(text);
    const content = choices[0].message.content;
    if (typeof content !== "string") throw new Error("no text");
    return {
      reply: {
        text: content,
        promptTokens: countOf(usage?.prompt_tokens),
        replyTokens: countOf(usage?.completion_tokens),
      },
    };
  } catch {
    return { reason: `its answer is no chat completion: ${text.replace(/\s+/g, " ").slice(0, 120)}`, again: true };
  }
}

/** A number of tokens; 0 where the endpoint does not count them. */
function countOf(tokens: unknown): number {
  return Number.isSafeInteger(tokens) && Number(tokens) > 0 ? Number(tokens) : 0;
}

/** Reads a body as text, part by part; undefined if it is longer than a reply may be, and then no further. */
async function boundedText({ body }: Response): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "", bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.length;
    if (bytes > maxReplyBytes) return undefined;
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}
