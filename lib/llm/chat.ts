/** A client for any endpoint that speaks OpenAI's chat protocol, such as a local llama.cpp or Ollama. */

/** A language model and the endpoint that serves it. */
export interface ChatEndpoint {
  /** The address up to and including its version, such as "http://localhost:11434/v1". */
  url: string;
  /** The model's name at the endpoint. */
  model: string;
  /** API key, sent as a bearer token; none by default. */
  key?: string;
}

/** A model's answer. Tokens are as the endpoint counts them, 0 if it does not report them. */
export interface ChatReply {
  /** The answer's text. */
  text: string;
  /** Tokens of the question. */
  promptTokens: number;
  /** Tokens of the answer. */
  replyTokens: number;
}

/** Options of {@linkcode chat}. */
export interface ChatOptions {
  /** Sampling temperature (default 1). */
  temperature?: number;
  /** Seconds to wait for one answer (default 120). */
  timeout?: number;
  /** Further attempts after a busy or broken endpoint (default 4). */
  retries?: number;
  /** Seconds before the first further attempt, doubled each time (default 1); `Retry-After` takes precedence. */
  wait?: number;
  /** Called before each further attempt with the reason and the seconds until it. */
  onRetry?: (reason: string, seconds: number) => void;
}

/**
 * Asks a language model one question; a busy or broken endpoint is asked again.
 *
 * @throws {Error} if the endpoint refuses, its answer is no chat completion, or it cannot be reached after all retries
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
  question: string,
  { temperature = 1, timeout = 120, retries = 4, wait = 1, onRetry = () => {} }: ChatOptions = {},
): Promise<ChatReply> {
  const address = `${url.replace(/\/+$/, "")}/chat/completions`;
  for (let attempt = 0;; attempt++) {
    const outcome = await ask(
      address,
      key,
      { model, temperature, messages: [{ role: "user", content: question }] },
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

async function ask(address: string, key: string | undefined, body: unknown, timeout: number): Promise<Outcome> {
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
    const answer = choices[0].message.content;
    if (typeof answer !== "string") throw new Error("no text");
    return {
      reply: { text: answer, promptTokens: usage?.prompt_tokens ?? 0, replyTokens: usage?.completion_tokens ?? 0 },
    };
  } catch {
    return { reason: `its answer is no chat completion: ${text.replace(/\s+/g, " ").slice(0, 120)}`, again: true };
  }
}
