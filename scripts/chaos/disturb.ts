/** Disturbs a command in every way. */
import { seeded } from "../fuzz/seeded.ts";
import { badServer } from "./bad_server.ts";
import { clocks } from "./clocks.ts";
import { fullDisk } from "./full_disk.ts";
import { type Ground, makeGround, type Outcome } from "./ground.ts";
import { kills } from "./kills.ts";
import { oddCheckouts } from "./odd_checkouts.ts";
import { oddFolders } from "./odd_folders.ts";
import { readOnly } from "./read_only.ts";
import { makeSubject, type SubjectName } from "./subjects.ts";
import { twoAtOnce } from "./two_at_once.ts";

/** The ways, and how often each is tried for so many kills. */
const ways: Record<string, [(ground: Ground, count: number, until: number) => Promise<Outcome>, share: number]> = {
  kills: [kills, 1],
  "full-disk": [fullDisk, 0.2],
  "two-at-once": [twoAtOnce, 0.2],
  "read-only": [readOnly, 1],
  clocks: [clocks, 1],
  "odd-folders": [oddFolders, 1],
  "odd-checkouts": [oddCheckouts, 1],
  "bad-server": [badServer, 1],
};

/** Names of the ways. */
export const wayNames: readonly string[] = Object.keys(ways);

/** How a command is disturbed. */
export interface Disturbance {
  /** Number of kills; of the other ways fewer. */
  kills: number;
  /** Seconds for all ways together; a trial that has begun ends. */
  seconds: number;
  seed: number;
  /** An empty folder. */
  scratch: string;
  ways: readonly string[];
  /** Called before each way. */
  onWay?: (way: string) => void;
}

/** Disturbs a command. @returns what came of each way */
export async function disturb(name: SubjectName, options: Disturbance): Promise<Outcome[]> {
  const { seconds, seed, scratch, onWay = () => {} } = options, subject = makeSubject(name), outcomes: Outcome[] = [];
  await using _hub = subject.hub;
  onWay("undisturbed");
  const ground = await makeGround(subject, seeded(seed), scratch), end = performance.now() + 1000 * seconds;
  const chosen = options.ways.filter((way) => way !== "bad-server" || subject.hub);
  for (const [i, way] of chosen.entries()) {
    onWay(way);
    const [work, share] = ways[way], now = performance.now();
    // The time that is left is divided among the ways that are left; the kills, which come first, get half of it.
    const part = way === "kills" && chosen.length > 1 ? 0.5 : 1 / (chosen.length - i);
    outcomes.push(await work(ground, Math.max(1, Math.round(options.kills * share)), now + part * (end - now)));
  }
  return outcomes;
}
