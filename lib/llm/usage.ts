/** What a run asked of a language model. */
import type { ChatReply } from "./chat.ts";

/** Requests and tokens of a run. */
export interface ChatUsage {
  /** Requests sent. */
  requests: number;
  /** Tokens of all prompts, as the endpoint counts them. */
  promptTokens: number;
  /** Tokens of all replies, as the endpoint counts them. */
  replyTokens: number;
}

/** Starts counting. */
export function noUsage(): ChatUsage {
  return { requests: 0, promptTokens: 0, replyTokens: 0 };
}

/** Counts a request by its reply. */
export function addUsage(usage: ChatUsage, { promptTokens, replyTokens }: ChatReply): void {
  usage.requests++;
  usage.promptTokens += promptTokens;
  usage.replyTokens += replyTokens;
}

/** Estimates the tokens of a text, at four letters a token. */
export function estimatedTokens(letters: number): number {
  return Math.ceil(letters / 4);
}
