/** Hostile requests against a page that runs, and what must hold after each and after all. */
import { seeded } from "../fuzz/seeded.ts";
import { type HostileRequest, hostileRequest, type Target } from "./requests.ts";
import { sendRaw } from "./send_raw.ts";

/** What a campaign needs of the page. */
export interface HostileOptions extends Target {
  /** The page's port on this machine. */
  port: number;
  /** Number of requests. */
  requests: number;
  /** Seed of the requests. */
  seed: number;
  /** Texts that stand in files outside of the collection and must never come back. */
  secrets: readonly string[];
  /** Bytes of memory that the server's process holds. */
  memory: () => number;
  /** Seconds until an answer is no longer awaited (default 3). */
  patience?: number;
  /** Called after each request. */
  onRequest?: (done: number, total: number) => void;
}

/** What was found. */
export interface HostileReport {
  /** Answers by status; 0 is a connection that was closed without one. */
  statuses: Record<number, number>;
  /** What must not happen and did. */
  findings: string[];
  /** Bytes that the process grew by in the second half, when everything has been loaded. */
  grown: number;
}

/** Sends the requests, one after the other; looks in between whether the page still answers. */
export async function sendHostile(options: HostileOptions): Promise<HostileReport> {
  const { port, requests, seed, secrets, memory, patience = 3, onRequest = () => {} } = options, rng = seeded(seed);
  const statuses: Record<number, number> = {}, findings: string[] = [];
  let half = 0;
  for (let number = 0; number < requests; number++) {
    const request = hostileRequest(options, rng), { breaksOff } = request;
    const { status, text } = await sendRaw(port, request.parts, { breaksOff, seconds: patience });
    statuses[status] = (statuses[status] ?? 0) + 1;
    const fault = faultOf(request, status, text, secrets);
    if (fault) findings.push(`request ${number} (${request.kind}): ${fault}`);
    if (number % 50 === 49 && !await answers(options)) {
      findings.push(`after request ${number} (${request.kind}) the page answers no more`);
      break;
    }
    if (number === Math.floor(requests / 2)) half = memory();
    onRequest(number + 1, requests);
  }
  return { statuses, findings, grown: memory() - half };
}

/** What is wrong with an answer, if anything is. */
function faultOf({ breaksOff }: HostileRequest, status: number, text: string, secrets: readonly string[]) {
  const secret = secrets.find((secret) => text.includes(secret));
  if (secret !== undefined) return `the answer holds a file from outside (${JSON.stringify(secret.slice(0, 30))})`;
  if (status >= 500) return `the answer is ${text.split("\r\n")[0]}`;
  if (status >= 300 && status < 400) return "the answer leads elsewhere";
  if (status >= 400 && /\/(home|root|tmp|work|usr|etc)\//.test(text)) return "the answer names a path of the machine";
  if (status === 0 && !breaksOff && text !== "") return "the answer is no HTTP";
}

/** Whether the page still searches. */
async function answers({ port, host }: HostileOptions): Promise<boolean> {
  const response = await fetch(`http://${host}/api/search`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"image":0,"text":"is red"}',
    signal: AbortSignal.timeout(10_000),
  }).catch(() => undefined);
  const text = await response?.text();
  return port > 0 && response?.status === 200 && text!.includes('"frozen"');
}
