/**
 * Prints the line coverage of `lib/` and `cli/` from the profiles of a run of the tests, programs that the tests start
 * included: `DENO_COVERAGE_DIR=$PWD/.coverage deno task test`, then this script.
 *
 * A profile knows only files that ran. Files that no test loads are named after the figure, not left out in silence.
 */
import { relative } from "node:path";

const profiles = ".coverage", rooms = ["lib", "cli"];

const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["coverage", "--lcov", `--include=^file://${Deno.cwd()}/(${rooms.join("|")})/`, profiles],
}).output();
if (!success) {
  console.error(`Reading ${profiles} failed: ${new TextDecoder().decode(stderr).trim()}`);
  Deno.exit(1);
}
let lines = 0, hit = 0;
const loaded = new Set<string>();
for (const line of new TextDecoder().decode(stdout).split("\n")) {
  const [key, value] = line.split(/:(.*)/);
  if (key === "SF") loaded.add(relative(Deno.cwd(), value));
  if (key === "LF") lines += Number(value);
  if (key === "LH") hit += Number(value);
}
const unloaded = rooms.flatMap(filesBelow).filter((file) => !loaded.has(file) && hasCode(file));
console.log(`line coverage of lib/ and cli/: ${(100 * hit / lines).toFixed(1)} % of ${lines} lines`);
if (unloaded.length > 0) console.log(`loaded by no test: ${unloaded.join(", ")}`);

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`) : name.endsWith(".ts") ? [`${folder}/${name}`] : []
  ).sort();
}

/** Whether a file has more than types, and than names passed on from other files. */
function hasCode(file: string): boolean {
  return /^(?:export )?(?:async )?(?:function|const|let|class|try|await)\b/m.test(Deno.readTextFileSync(file));
}
