/** Says that the machine is busy, since threads that wait for each other then take many times longer. */
export function warnIfBusy(): void {
  const [load] = Deno.loadavg();
  if (load < 0.5) return;
  console.log(
    `The machine is busy (load ${
      load.toFixed(1)
    } of ${navigator.hardwareConcurrency} processors): programs that use all ` +
      "of them, PyTorch first, look slower than they are; measure again when it is idle.",
  );
}
