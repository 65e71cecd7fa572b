/** `deno task triplets inspect FILE` and `deno task triplets make`: text triplets, looked at and made. */
import { command, runCommand } from "./command.ts";
import type { Session } from "./session.ts";
import { inspectCommand } from "./triplets_inspect.ts";
import { makeCommand } from "./triplets_make.ts";

const triplets = command("triplets", "Text triplets, what RTD trains on.", [
  "deno task triplets inspect triplets.jsonl",
  "deno task triplets make --method rule --captions captions.txt --out triplets.jsonl",
]);
let work: ((session: Session) => Promise<number | void>) | undefined;
for (const { command, whenChosen } of [inspectCommand, makeCommand]) {
  triplets.addCommand(command);
  whenChosen((chosen) => void (work = chosen));
}
if (Deno.args.length === 0) {
  console.error("The command is missing: say inspect or make; see deno task triplets --help.");
  Deno.exit(1);
}

await runCommand(triplets, async (_options, _args, session) => await work?.(session));
