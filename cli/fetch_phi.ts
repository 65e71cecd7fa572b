/** `deno task fetch-phi NAME`: a phi that its authors released, or the steps to it. */
import { releasedPhiNames, releasedPhis } from "../lib/projection/released_phis.ts";
import { command, runCommand } from "./command.ts";
import { choice, path } from "./options.ts";

const fetchCommand = command("fetch-phi", "Fetches a phi that its authors released, and reads it.", [
  "deno task fetch-phi --list",
  "deno task fetch-phi searle-b32 --out phis",
])
  .argument("[phi]", releasedPhiNames.join(", "), choice(releasedPhiNames))
  .option("--out <folder>", "the folder to put it into (default: phis)", path())
  .option("--list", "say what can be fetched, and fetch nothing");

const mega = (count: number) => Math.round(count / 1e5) / 10;
const stepsOf = (steps: readonly string[]) => steps.map((step, i) => `  ${i + 1}. ${step}`).join("\n");

await runCommand(fetchCommand, async ({ out = path()("phis"), list }, [name], session) => {
  if (list) {
    for (const name of releasedPhiNames) {
      const { clip, file, licence, source, from } = releasedPhis[name];
      console.log(`${name}: ${file} for ${clip}, ${licence}${from ? "" : ", by hand"}; named by ${source}`);
    }
    return;
  }
  if (!name) {
    throw new Error(
      "Fetching a phi failed: its name is needed, as in: deno task fetch-phi searle-b32; --list says what there is.",
    );
  }
  const phi = releasedPhis[name];
  if (!phi.from) {
    console.log(`${name} has no address that a program can use:\n${stepsOf(phi.steps)}`);
    return 1;
  }
  const { fetchPhi } = await import("../lib/projection/fetch_phi.ts");
  session.whenStopped(`Stopped; what has arrived is kept. To go on: ${session.commandLine()}`);
  const { file, downloaded } = await fetchPhi(phi, out, {
    onBytes: (bytes, size) => session.stage(phi.file, mega(bytes), mega(size), "MB"),
  });
  session.stageDone();
  console.log(`${file}: ${downloaded ? "fetched" : "it was there"}, and read: a phi for ${phi.clip}.`);
});
