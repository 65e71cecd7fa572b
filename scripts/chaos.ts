/**
 * `deno task chaos`: kills commands, fills their disk, starts them twice at once, takes their rights away, sets their
 * clock back, gives their folders odd names and lets their server misbehave. A disturbed command has to end with the
 * bytes of an undisturbed one, or refuse in one sentence; nothing may be torn, and nothing left behind may block the
 * next run.
 */
import { command, runCommand } from "../cli/command.ts";
import { listOf, realNumber, wholeNumber } from "../cli/options.ts";
import { filePath } from "../lib/io/path.ts";
import { table } from "../lib/report/table.ts";
import { disturb, wayNames } from "./chaos/disturb.ts";
import type { Outcome } from "./chaos/ground.ts";
import { type SubjectName, subjectNames } from "./chaos/subjects.ts";

/** The commands that take a minute or less undisturbed. */
const usual: readonly SubjectName[] = ["train-phi", "evaluate", "fetch-model", "demo"];

const chaos = command("chaos", "Disturbs the commands in every way; fails if one loses, tears or changes anything.", [
  "deno task chaos",
  "deno task chaos --only train-phi,evaluate --kills 20 --seconds 200",
  "deno task chaos --only reproduce --ways kills --kills 3",
])
  .option("--kills <count>", "kills of each command; of the other disturbances fewer", wholeNumber(1), 50)
  .option("--seconds <number>", "time for all commands together", realNumber(1), 300)
  .option("--seed <number>", "seed of the moments", wholeNumber(0), 1)
  .addOption(listOf("--only <commands>", `commands (default: ${usual.join(", ")})`, subjectNames))
  .addOption(listOf("--ways <names>", "ways of disturbing (default: all)", wayNames));

await runCommand(chaos, async ({ kills, seconds, seed, only = usual, ways = wayNames }, _args, session) => {
  const cache = filePath(new URL("../.cache/chaos", import.meta.url));
  await Deno.mkdir(cache, { recursive: true });
  const scratch = await Deno.makeTempDir({ dir: cache });
  await Deno.chmod(scratch, 0o755); // another user runs commands in it
  const outcomes: Outcome[] = [], end = performance.now() + 1000 * seconds;
  try {
    for (const [i, name] of only.entries()) {
      const left = (end - performance.now()) / 1000 / (only.length - i);
      const onWay = (way: string) => session.stage(`${name}: ${way}`, i, only.length);
      const options = { kills, seconds: left, seed, ways, onWay };
      outcomes.push(...await disturb(name, { ...options, scratch: `${scratch}/${name}` }));
    }
    session.stageDone();
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
  const rows = outcomes.map(({ command, disturbance, tried, same, refused, findings, note }) => [
    ...[command, disturbance, tried, same, refused, findings.length].map(String),
    note.slice(0, 120),
  ]);
  const columns = ["command", "disturbance", "tried", "same bytes", "refused", "findings", "note"];
  console.log(`\n${table(columns, rows).text()}`);
  for (const { command, disturbance, findings } of outcomes) {
    for (const finding of new Set(findings)) console.log(`\n${command}, ${disturbance}, seed ${seed}:\n  ${finding}`);
  }
  return outcomes.some(({ findings }) => findings.length > 0) ? 1 : 0;
});
