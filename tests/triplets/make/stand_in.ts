/** A stand-in for an endpoint with a language model, which answers as a test says. */

/** One request as the model sees it. */
export interface Asked {
  /** The caption that is to be changed: the last of the prompt. */
  caption: string;
  prompt: string;
  seed: number;
  /** Requests so far, this one included. */
  count: number;
}

/** A completion with a text. */
export function completion(content: string): Response {
  return Response.json({ choices: [{ message: { content } }], usage: { prompt_tokens: 40, completion_tokens: 30 } });
}

/** A good reply to a caption. */
export function goodReply(caption: string): string {
  return `Instruction: make it snow on "${caption.split(" ")[1]}"\nNew caption: ${
    caption.replace(/\.$/, "")
  } in the snow`;
}

/** Starts a server on this machine. */
export function standIn(answer: (asked: Asked) => Response | Promise<Response>): {
  url: string;
  asked: Asked[];
  close: () => Promise<void>;
} {
  const asked: Asked[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { messages, seed } = await request.json(), prompt: string = messages[0].content;
    const one = { caption: prompt.split("\nCaption: ").at(-1)!, prompt, seed, count: asked.length + 1 };
    asked.push(one);
    return await answer(one);
  });
  return { url: `http://127.0.0.1:${server.addr.port}/v1`, asked, close: () => server.shutdown() };
}
