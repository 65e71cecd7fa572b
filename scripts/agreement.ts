/** `deno task agreement`: our figures beside another program's, on made features over the real annotations. */
import { useDevice } from "../lib/backend/device.ts";
import type { Metrics } from "../lib/evaluation/metrics.ts";
import { table } from "../lib/report/table.ts";
import { agreementMetrics } from "../tests/evaluation/agreement.ts";
import { readGolden } from "../tests/golden.ts";
import { fail } from "../cli/options.ts";

try {
  await useDevice("auto");
  const folder = await Deno.makeTempDir();
  const golden = readGolden<Record<string, Metrics>>("benchmark_metrics.json");
  const rows = Object.entries(await agreementMetrics(folder)).flatMap(([benchmark, figures]) =>
    Object.entries(figures).map(([name, ours]) => {
      const theirs = golden[benchmark][name];
      return [benchmark, name, theirs.toFixed(4), ours.toFixed(4), Math.abs(ours - theirs).toExponential(0)];
    })
  );
  await Deno.remove(folder, { recursive: true });
  console.log(table(["benchmark", "metric", "NumPy", "here", "difference"], rows).text());
  Deno.exit(0);
} catch (error) {
  fail(error);
}
