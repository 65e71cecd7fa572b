/** `deno task fetch-data NAME --data DIR`: the annotations that a benchmark's authors publish openly. */
import { dataSourceNames, dataSources } from "../lib/hub/data_sources.ts";
import { command, runCommand } from "./command.ts";
import { choice, path } from "./options.ts";

const fetchCommand = command("fetch-data", "Fetches a benchmark's annotations, and says how to get its images.", [
  "deno task fetch-data --list",
  "deno task fetch-data circo --data CIRCO",
])
  .argument("[benchmark]", dataSourceNames.join(", "), choice(dataSourceNames))
  .option("--data <folder>", "the folder to put them into, in the layout that evaluate reads", path())
  .option("--list", "say what can be fetched, and fetch nothing");

const mega = (count: number) => Math.round(count / 1e5) / 10;

await runCommand(fetchCommand, async ({ data, list }, [benchmark], session) => {
  if (list) {
    for (const name of dataSourceNames) {
      const { repository, commit, licence, files } = dataSources[name];
      const size = mega(files.reduce((sum, { size }) => sum + size, 0));
      console.log(`${name}: ${files.length} annotation files, ${size} MB, ${licence}, ${repository} at ${commit}`);
    }
    return;
  }
  if (!benchmark || !data) {
    throw new Error(
      "Fetching data failed: a benchmark and --data are needed, as in: deno task fetch-data circo --data CIRCO; " +
        "--list says what there is.",
    );
  }
  const { fetchData } = await import("../lib/hub/fetch_data.ts");
  session.whenStopped(`Stopped; what has arrived is kept. To go on: ${session.commandLine()}`);
  const source = dataSources[benchmark];
  const fetched = await fetchData(source, data, {
    onProgress({ file, bytes, size }) {
      session.stage(file, mega(bytes), mega(size), "MB");
    },
  });
  session.stageDone();
  console.log(
    `${fetched.length} of ${source.files.length} files fetched into ${data}, the others were there; checked.`,
  );
  console.log(["Left to do:", ...source.steps.map((step, i) => `  ${i + 1}. ${step}`)].join("\n"));
});
