/** Asks a language model behind any endpoint that speaks OpenAI's chat protocol: a local llama.cpp or Ollama will do. */

/** Where to ask. */
export interface ChatEndpoint {
  /** The address up to and including its version, such as "http://localhost:11434/v1". */
  url: string;
  model: string;
  /** Sent as a bearer token, if there is one. */
  key?: string;
}

/** What came back. Tokens are as the endpoint counts them; 0 where it does not say. */
export interface ChatReply {
  text: string;
  promptTokens: number;
  replyTokens: number;
}

/** Patience. */
export interface ChatOptions {
  temperature?: number;
  /** Seconds for one answer. */
  timeout?: number;
  /** Further attempts after a busy or broken endpoint. */
  retries?: number;
  /** Seconds before the first of them; doubled each time. An endpoint's `Retry-After` goes first. */
  wait?: number;
  onRetry?: (reason: string, seconds: number) => void;
}

/**
 * Asks once, with retries.
 * @throws {Error} if the endpoint refuses, answers nonsense, or stays out of reach
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
