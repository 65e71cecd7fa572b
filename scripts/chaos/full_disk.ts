/** Runs a command on a disk that becomes full at a random moment, then on the same disk with space again. */
import type { Ground, Outcome } from "./ground.ts";
import { filesBelow } from "./whole_files.ts";

/** Size of the small disk, MiB. */
const diskMiB = 64;

/** Fills disks `count` times, or until the time is over. Needs the right to mount one. */
export async function fullDisk(ground: Ground, count: number, until: number): Promise<Outcome> {
  const { subject, rng } = ground, outcome = ground.outcome("full disk");
  // What the command writes is what an undisturbed run leaves behind, and a little more.
  const plain = await ground.folder(), inputs = bytesBelow(plain);
  await ground.start(subject.args, plain).ended;
  const most = 1.3 * (bytesBelow(plain) - inputs);
  await Deno.remove(plain, { recursive: true });
  while (outcome.tried < count && performance.now() < until) {
    const cwd = await ground.folder(), disk = `${cwd}/disk`;
    await Deno.mkdir(disk);
    if (!await run("mount", "-t", "tmpfs", "-o", `size=${diskMiB}m`, "tmpfs", disk)) {
      outcome.note = "SKIPPED: a small disk cannot be mounted here";
      return outcome;
    }
    try {
      await subject.prepare(disk);
      const free = diskMiB * 2 ** 20 - blocksBelow(disk), left = Math.floor(most * rng.uniform());
      await Deno.writeFile(`${disk}/filler`, new Uint8Array(Math.max(0, free - left)));
      outcome.tried++;
      ground.judge(outcome, await ground.start(subject.args, disk).ended, disk);
      ground.checkWhole(outcome, disk);
      await Deno.remove(`${disk}/filler`);
      await ground.complete(outcome, disk);
    } finally {
      await run("umount", disk);
    }
    await Deno.remove(cwd, { recursive: true });
  }
  return outcome;
}

function bytesBelow(folder: string): number {
  return filesBelow(folder).reduce((sum, path) => sum + Deno.statSync(`${folder}/${path}`).size, 0);
}

/** Bytes in whole blocks, as a disk counts them. */
function blocksBelow(folder: string): number {
  const block = 4096;
  return filesBelow(folder).reduce(
    (sum, path) => sum + block * Math.ceil(Deno.statSync(`${folder}/${path}`).size / block),
    0,
  );
}

async function run(program: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
