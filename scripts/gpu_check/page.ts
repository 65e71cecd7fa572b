/** The result of the check as Markdown. */
import { table } from "../../lib/report/table.ts";
import { type DeviceResult, failures, type GpuCheck, paper, type StepResult } from "./result.ts";

/** Kernels that are listed. */
const mostKernels = 15;

/** Writes the page. */
export function gpuCheckPage(check: GpuCheck): string {
  const { devices, leftOut, tiny, seconds } = check, wrong = devices.flatMap(failures);
  const parts = [
    "# GPU check",
    tiny ? "At tiny size, which tries the check itself: no figure says anything about speed." : undefined,
    `${minutes(seconds)} minutes. ${wrong.length === 0 ? "Nothing is wrong." : `Wrong: ${wrong.join("; ")}.`}`,
    ...devices.flatMap(devicePage),
    ...listed("Not checked", leftOut),
  ];
  return parts.filter((part) => part !== undefined).join("\n\n") + "\n";
}

function devicePage({ api, name, driver, memory, parity, demo, steps, kernels, leftOut }: DeviceResult): string[] {
  const about = [driver && `driver ${driver}`, memory && `${giga(memory)} GB`].filter(Boolean).join(", ");
  return [
    `## ${api}: ${name}${about ? ` (${about})` : ""}`,
    ...(parity ? [parity.device, parityTable(parity.errors)] : []),
    ...(demo
      ? [
        `Demo: macro R@1 ${demo.before.toFixed(1)} -> ${demo.after.toFixed(1)}, ${
          demo.seconds.training.toFixed(1)
        } s of ` +
        `training, ${demo.seconds.total.toFixed(1)} s in all.`,
      ]
      : []),
    ...(steps.length > 0
      ? [
        stepTable(steps),
        `"${paper.steps} steps" is the paper's training, with captions that are all new; the paper took ${paper.minutes} ` +
        "minutes on four A100.",
      ]
      : []),
    ...(kernels
      ? [
        `Kernels of one step with ${kernels.tower} and known features, each call alone:`,
        table(
          ["kernel", "calls", "seconds", "share", "dearest call"],
          kernels.of.slice(0, mostKernels).map(({ kernel, calls, seconds, dearest }) => [
            ...[kernel, String(calls), seconds.toFixed(4)],
            `${(100 * seconds / kernels.of.reduce((sum, one) => sum + one.seconds, 0)).toFixed(0)} %`,
            dearest,
          ]),
        ).markdown(),
      ]
      : []),
    ...listed("Left out", leftOut),
  ];
}

function parityTable(errors: { what: string; largest: number; allowed: number }[]): string {
  const rows = errors.map(({ what, largest, allowed }) => [what, largest.toExponential(1), allowed.toExponential(0)]);
  return table(["largest relative error against PyTorch", "found", "allowed"], rows).markdown();
}

function stepTable(steps: readonly StepResult[]): string {
  return table(
    [
      `step of ${steps[0].batch} triplets`,
      "",
      "captions new, s",
      "features known, s",
      "GFLOP/s",
      "of best product",
      `${paper.steps} steps, min`,
      "GPU, GB",
      "tensors, GB",
      "predicted, GB",
      "process, GB",
      "loss",
    ],
    steps.map((step) => [
      step.tower,
      step.program,
      step.fresh.toFixed(3),
      step.known.toFixed(3),
      step.gigaflops.toFixed(0),
      `${(100 * step.gigaflops / step.product).toFixed(0)} %`,
      minutes(paper.steps * step.fresh),
      optional(step.gpuPeak),
      optional(step.tensorPeak),
      optional(step.predicted),
      giga(step.peak),
      step.loss.toFixed(4),
    ]),
  ).markdown();
}

function listed(title: string, sentences: readonly string[]): string[] {
  return sentences.length === 0 ? [] : [`${title}:`, sentences.map((sentence) => `- ${sentence}`).join("\n")];
}

function minutes(seconds: number): string {
  return (seconds / 60).toFixed(1);
}

function giga(bytes: number): string {
  return (bytes / 1e9).toFixed(2);
}

function optional(bytes: number | undefined): string | undefined {
  return bytes === undefined ? undefined : giga(bytes);
}
