/** `deno task parity`: the largest relative error against PyTorch and transformers, for each backend that is here. */
import { deviceChoices, useDevice } from "../lib/backend/device.ts";
import { table } from "../lib/report/table.ts";
import { measureParity, type Parity, tolerances, variants } from "../tests/clip/parity.ts";
import { fail } from "../cli/options.ts";

/** One backend: TensorFlow and WebGPU cannot share a process, so each is measured in its own. */
async function measureHere(backend: string): Promise<Parity | string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", import.meta.filename!, backend],
  }).output();
  const said = new TextDecoder().decode(stdout).trim();
  return success ? JSON.parse(said) : new TextDecoder().decode(stderr).trim().split("\n").at(-1)!;
}

try {
  const backend = deviceChoices.find((choice) => choice === Deno.args[0]);
  if (backend) {
    await useDevice(backend);
    const all: Parity[] = [];
    for (const variant of variants) all.push(await measureParity(variant));
    const worst = Object.keys(tolerances).map((
      what,
    ) => [what, Math.max(...all.map((one) => one[what as keyof Parity]))]);
    console.log(JSON.stringify(Object.fromEntries(worst)));
  } else {
    const backends = deviceChoices.filter((choice) => choice !== "auto"), columns: (Parity | string)[] = [];
    for (const choice of backends) columns.push(await measureHere(choice));
    const rows = Object.entries(tolerances).map(([what, allowed]) => [
      what,
      ...columns.map((column) =>
        typeof column === "string" ? "not here" : column[what as keyof Parity].toExponential(1)
      ),
      allowed.toExponential(0),
    ]);
    console.log(table(["largest relative error, four golden CLIPs", ...backends, "allowed"], rows).markdown());
    columns.forEach((column, i) => typeof column === "string" && console.log(`${backends[i]}: ${column}`));
  }
} catch (error) {
  fail(error);
}
