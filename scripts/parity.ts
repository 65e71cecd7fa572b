/** `deno task parity`: the largest relative error against PyTorch and transformers, for each backend that is here. */
import { command, runCommand } from "../cli/command.ts";
import { choice } from "../cli/options.ts";
import { deviceChoices } from "../lib/backend/device_choice.ts";
import type { Parity } from "../tests/clip/parity.ts";

const backends = deviceChoices.filter((name) => name !== "auto");

const parity = command(
  "parity",
  "Prints the largest relative errors against PyTorch and transformers on four golden CLIPs, by backend.",
  ["deno task parity", "deno task parity wasm"],
).argument("[backend]", `measures one of ${backends.join(", ")} and prints JSON`, choice(backends));

/** One backend: TensorFlow and WebGPU cannot share a process, so each is measured in its own. */
async function measureApart(backend: string): Promise<Parity | string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", import.meta.filename!, backend],
  }).output();
  const printed = new TextDecoder().decode(stdout).trim();
  return success ? JSON.parse(printed) : new TextDecoder().decode(stderr).trim().split("\n").at(-1)!;
}

await runCommand(parity, async (_options, [backend]) => {
  const { measureParity, tolerances, variants } = await import("../tests/clip/parity.ts");
  const { encoderChoices } = await import("../lib/clip/batch_encoder.ts");
  const names = Object.keys(tolerances) as (keyof Parity)[];
  if (backend) {
    const { useDevice } = await import("../lib/backend/device.ts");
    await useDevice(backend);
    const all: Parity[] = [];
    for (const variant of variants) {
      for (const encoder of encoderChoices) all.push(await measureParity(variant, encoder));
    }
    const worst = names.map((what) => [what, Math.max(...all.map((one) => one[what]))]);
    console.log(JSON.stringify(Object.fromEntries(worst)));
    return;
  }
  const { table } = await import("../lib/report/table.ts");
  const columns: (Parity | string)[] = [];
  for (const name of backends) columns.push(await measureApart(name));
  const rows = names.map((what) => [
    what,
    ...columns.map((column) => typeof column === "string" ? "not here" : column[what].toExponential(1)),
    tolerances[what].toExponential(0),
  ]);
  console.log(table(["largest relative error, four golden CLIPs", ...backends, "allowed"], rows).markdown());
  columns.forEach((column, i) => typeof column === "string" && console.log(`${backends[i]}: ${column}`));
});
