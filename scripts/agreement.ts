/** `deno task agreement`: our figures beside another program's, on made features over real annotations. */
import { command, runCommand } from "../cli/command.ts";
import { deviceOption } from "../cli/options.ts";

const agreement = command(
  "agreement",
  "Prints benchmark figures beside NumPy's: over the part of the annotations that is in this repository, over made " +
    "lists of i-CIR, and over the whole where ../shared/data is present.",
  ["deno task agreement"],
).addOption(deviceOption());

await runCommand(agreement, async ({ device }, _args, session) => {
  const { agreementMetrics, goldenMetrics, icirAnnotations, sharedIsThere, slicedAnnotations, wholeAnnotations } =
    await import("../tests/evaluation/agreement.ts");
  const { table } = await import("../lib/report/table.ts");
  await session.device(device);
  const all = [
    { title: "a part of the annotations", annotations: slicedAnnotations() },
    { title: "made lists of i-CIR", annotations: icirAnnotations() },
  ];
  if (sharedIsThere) all.push({ title: "the whole annotations", annotations: wholeAnnotations() });
  for (const { title, annotations } of all) {
    const golden = goldenMetrics(annotations);
    const rows = Object.entries(await agreementMetrics(annotations)).flatMap(([benchmark, figures]) =>
      Object.entries(figures).map(([name, ours]) => {
        const theirs = golden[benchmark][name];
        return [benchmark, name, theirs.toFixed(4), ours.toFixed(4), Math.abs(ours - theirs).toExponential(0)];
      })
    );
    console.log(`\n${title}\n${table(["benchmark", "metric", "NumPy", "here", "difference"], rows).text()}`);
  }
  if (!sharedIsThere) console.log("\nThe whole annotations are left out: ../shared/data is absent.");
});
