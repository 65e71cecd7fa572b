/** `deno task fetch-data NAME --data DIR`: what a benchmark's authors publish openly. */
import { dataSourceNames, dataSources } from "../lib/hub/data_sources.ts";
import { archivesOf } from "../lib/hub/fetch_benchmark.ts";
import { command, runCommand } from "./command.ts";
import { choice, localAddress, path } from "./options.ts";

const fetchCommand = command("fetch-data", "Fetches a benchmark's annotations and images, or says how to get these.", [
  "deno task fetch-data --list",
  "deno task fetch-data circo --data CIRCO",
  "deno task fetch-data circo --data CIRCO --images --yes",
])
  .argument("[benchmark]", dataSourceNames.join(", "), choice(dataSourceNames))
  .option("--data <folder>", "the folder to put them into, in the layout that evaluate reads", path())
  .option("--images", "fetch images too, where they are published in archives")
  .option("--yes", "fetch more than 1 GB")
  .option("--mirror <address>", "a mirror on this machine, which has each file as HOST/PATH", localAddress)
  .option("--list", "say what can be fetched, and fetch nothing");

/** Bytes above which `--yes` is needed. */
const largeBytes = 1e9;

const mega = (count: number) => Math.round(count / 1e5) / 10;
const text = (bytes: number) => bytes < largeBytes ? `${mega(bytes)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

await runCommand(fetchCommand, async ({ data, images = false, yes, mirror, list }, [benchmark], session) => {
  const sizeOf = (name: typeof dataSourceNames[number], images: boolean) => {
    const archives = archivesOf(dataSources[name], images).reduce((sum, { size }) => sum + size, 0);
    return dataSources[name].files.reduce((sum, { size = 0 }) => sum + size, archives);
  };
  if (list) {
    for (const name of dataSourceNames) {
      const { repository, commit, licence, files, archives = [] } = dataSources[name];
      if (files.length + archives.length === 0) {
        console.log(`${name}: nothing, the steps to it are told; ${licence}, ${repository} at ${commit}`);
        continue;
      }
      const without = sizeOf(name, false), more = sizeOf(name, true) - without;
      const of = [
        ...(files.length > 0 ? [`${files.length} annotation files`] : []),
        ...archives.filter(({ images }) => !images).map(({ url }) => url),
      ].join(", ");
      const rest = files.some(({ size }) => size === undefined) ? " and files of unknown size" : "";
      const withImages = more > 0 ? `, with --images ${text(more)} more` : "";
      console.log(`${name}: ${of}, ${text(without)}${rest}${withImages}; ${licence}, ${repository} at ${commit}`);
    }
    console.log("That these addresses still answer was not verified.");
    return;
  }
  if (!benchmark || !data) {
    throw new Error(
      "Fetching data failed: a benchmark and --data are needed, as in: deno task fetch-data circo --data CIRCO; " +
        "--list says what there is.",
    );
  }
  const source = dataSources[benchmark], bytes = sizeOf(benchmark, images);
  if (images && !source.archives?.some(({ images }) => images)) {
    throw new Error(
      `Fetching data failed: no archive of images of ${benchmark} is fetched here; leave --images out, what to do is said then.`,
    );
  }
  if (bytes > largeBytes && !yes) {
    throw new Error(
      `Fetching data failed: this downloads about ${text(bytes)}, and the disk needs room for twice as much while it ` +
        `is unpacked; to do so, add --yes.`,
    );
  }
  const all = source.files.length + archivesOf(source, images).length;
  const sayRest = () => {
    const steps = images ? source.steps : source.withoutImages ?? source.steps;
    if (steps.length > 0) console.log(["Left to do:", ...steps.map((step, i) => `  ${i + 1}. ${step}`)].join("\n"));
  };
  if (all === 0) {
    console.log(`Nothing of ${benchmark} is fetched here.`);
    return sayRest();
  }
  const { fetchBenchmark } = await import("../lib/hub/fetch_benchmark.ts");
  session.whenStopped(`Stopped; what has arrived is kept. To go on: ${session.commandLine()}`);
  const fetched = await fetchBenchmark(source, data, {
    images,
    mirror,
    onProgress({ file, bytes, size }) {
      session.stage(file, mega(bytes), mega(size), "MB");
    },
  });
  session.stageDone();
  console.log(`${fetched.length} of ${all} files fetched into ${data}, the others were there; checked.`);
  sayRest();
});
