/** A client for endpoints with OpenAI's chat protocol, such as a local llama.cpp or Ollama. */

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
  /** Seconds to wait for one reply (default 120). */
  timeout?: number;
  /** Further attempts if the endpoint is busy, cannot be reached, or replies in another form (default 4). */
  retries?: number;
  /** Seconds before the first further attempt, doubled each time (default 1); `Retry-After` takes precedence. */
  wait?: number;
  /** Called before each further attempt with the reason and the seconds until it. */
  onRetry?: (reason: string, seconds: number) => void;
}

/**
 * Sends one prompt to a language model and returns its reply; a request that fails for a passing reason is repeated.
 *
 * @throws {Error} if the endpoint refuses, or if after all retries it cannot be reached or its reply is no chat
 *   completion
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
  { temperature = 1, timeout = 120, retries = 4, wait = 1, onRetry = () => {} }: ChatOptions = {},
): Promise<ChatReply> {
  const address = `${url.replace(/\/+$/, "")}/chat/completions`;
  for (let attempt = 0;; attempt++) {
    const outcome = await send(
      address,
      key,
      { model, temperature, messages: [{ role: "user", content: prompt }] },
      timeout,
    );
    if ("reply" in outcome) return outcome.reply;
    if (!outcome.again || attempt >= retries) {
      const tried = attempt > 0 ? ` ${attempt + 1} times` : "";
      throw new Error(`Asking ${address} for "${model}" failed${tried}: ${outcome.reason}.`);
    }
    const seconds = outcome.after ?? wait * 2 ** attempt;
    onRetry(outcome.reason, seconds);
    await new Promise((resume) => setTimeout(resume, 1000 * seconds));
  }
}

type Outcome = { reply: ChatReply } | { reason: string; again: boolean; after?: number };

async function send(address: string, key: string | undefined, body: unknown, timeout: number): Promise<Outcome> {
  let response: Response, text: string;
  try {
    response = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", ...(key ? { authorization: `Bearer ${key}` } : {}) },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(1000 * timeout),
    });
    text = await response.text();
  } catch (error) {
    const slow = error instanceof DOMException && error.name === "TimeoutError";
    return { reason: slow ? `no answer in ${timeout} s` : "it cannot be reached, or broke off", again: true };
  }
  if (!response.ok) {
    const busy = response.status === 408 || response.status === 429 || response.status >= 500;
    const after = Number(response.headers.get("retry-after") ?? NaN);
    return {
      reason: `it said ${response.status} ${text.replace(/\s+/g, " ").slice(0, 200)}`.trim(),
      again: busy,
      ...(Number.isFinite(after) ? { after } : {}),
    };
  }
  try {
    const { choices, usage } = JSON.parse(text);
    const content = choices[0].message.content;
    if (typeof content !== "string") throw new Error("no text");
    return {
      reply: { text: content, promptTokens: usage?.prompt_tokens ?? 0, replyTokens: usage?.completion_tokens ?? 0 },
    };
  } catch {
    return { reason: `its answer is no chat completion: ${text.replace(/\s+/g, " ").slice(0, 120)}`, again: true };
  }
}
