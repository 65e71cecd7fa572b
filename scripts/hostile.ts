/**
 * `deno task hostile`: the page of `deno task serve`, under hostile requests and then under many people at once. Fails if
 * a file from outside comes back, a request breaks the page, its memory grows, or a person is turned away.
 */
import { command, runCommand } from "../cli/command.ts";
import { wholeNumber } from "../cli/options.ts";
import type { Session } from "../cli/session.ts";
import { filePath } from "../lib/io/path.ts";
import { runTask } from "./chaos/start_task.ts";
import { crowd } from "./hostile/crowd.ts";
import { sendHostile } from "./hostile/campaign.ts";
import { startPage } from "./hostile/start_page.ts";

/** Bytes by which the page may grow in the second half of the requests: what its decoders keep for the next image. */
const mostGrowth = 48 * 2 ** 20;

/** Images of the index that is attacked, of the tests' own. */
const imageNames = ["photo_420.jpg", "rgb.png", "lossy.webp", "large_601x403.jpg", "cmyk.jpg"];

const hostile = command("hostile", "Attacks the page with requests, then lets many people search at once.", [
  "deno task hostile",
  "deno task hostile --requests 5000 --seed 2 --people 0",
])
  .option("--requests <count>", "hostile requests", wholeNumber(0), 1000)
  .option("--seed <number>", "seed of the requests", wholeNumber(0), 1)
  .option("--people <count>", "people at once", wholeNumber(0), 50)
  .option("--seconds <number>", "how long they search", wholeNumber(1), 60);

await runCommand(hostile, async ({ requests, seed, people, seconds }, _args, session) => {
  const cache = filePath(new URL("../.cache/hostile", import.meta.url));
  await Deno.mkdir(cache, { recursive: true });
  const cwd = await Deno.makeTempDir({ dir: cache });
  try {
    const withstood = requests === 0 || await attack({ cwd, requests, seed }, session);
    const served = people === 0 || await letSearch({ cwd, people, seconds }, session);
    return withstood && served ? 0 : 1;
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});

/** Attacks the page of an index, which reads files. @returns whether nothing was found */
async function attack(
  { cwd, requests, seed }: { cwd: string; requests: number; seed: number },
  session: Session,
): Promise<boolean> {
  const checkout = filePath(new URL("../", import.meta.url)), clip = `${checkout}data/emoji-clip-small`;
  const secret = `secret-${crypto.randomUUID()}`, outside = [`${cwd}/secret.jpg`, `${cwd}/photos/secret.jpg`];
  await Deno.mkdir(`${cwd}/photos`);
  for (const file of outside) await Deno.writeTextFile(file, secret);
  for (const name of imageNames) {
    await Deno.copyFile(`${checkout}tests/goldens/images/${name}`, `${cwd}/photos/${name}`);
  }
  const device = ["--device", "wasm"];
  const made = await runTask("index", ["photos", "--clip", clip, "--out", "photos.index", ...device], { cwd });
  if (made.code !== 0) throw new Error(`Making the index failed: ${made.err.trim()}`);
  const phi = `${clip}/phi-lincir.safetensors`;
  const page = await startPage({ cwd, args: ["photos.index", "--clip", clip, "--phi", phi, "--port", "0", ...device] });
  try {
    const report = await sendHostile({
      ...{ port: page.port, host: page.host, key: page.key, outside, requests, seed, memory: page.memory },
      image: await Deno.readFile(`${cwd}/photos/${imageNames[0]}`),
      secrets: [secret, "root:x:0:0", '"@rtd/toolkit"'],
      onRequest: (done, total) => session.stage("hostile requests", done, total),
    });
    session.stageDone();
    console.log(`${requests} hostile requests, seed ${seed}: answers by status ${JSON.stringify(report.statuses)}`);
    console.log(`memory ${mebibytes(page.memory())} MiB, ${mebibytes(report.grown)} MiB more than half-way`);
    for (const finding of report.findings) console.log(`  ${finding}`);
    return report.findings.length === 0 && report.grown <= mostGrowth;
  } finally {
    await page.end();
  }
}

/** Lets people search the page of the drawings. @returns whether all were answered */
async function letSearch(
  { cwd, people, seconds }: { cwd: string; people: number; seconds: number },
  session: Session,
): Promise<boolean> {
  session.stage("drawings, and their fine-tuned encoder", 0, 1);
  const page = await startPage({ cwd, args: ["--port", "0", "--device", "wasm"] });
  session.stageDone();
  try {
    const before = page.memory(), began = performance.now();
    const bar = session.progress(`${people} people at once`);
    const told = setInterval(() => bar.update(Math.round((performance.now() - began) / 1000), seconds), 1000);
    const found = await crowd({ address: `http://${page.host}`, people, seconds, looks: 2 });
    clearInterval(told);
    bar.done();
    const at = (share: number) => found.milliseconds[Math.floor(share * (found.milliseconds.length - 1))]?.toFixed(0);
    console.log(
      `${people} people for ${found.seconds.toFixed(0)} s: ${found.searches} searches ` +
        `(${(found.searches / found.seconds).toFixed(1)} a second), ${found.images} images; a search took ${
          at(0.5)
        } ms ` +
        `(median), ${at(0.99)} ms (99 %); errors ${JSON.stringify(found.errors)}; memory ` +
        `${mebibytes(page.memory() - before)} MiB more`,
    );
    return Object.keys(found.errors).length === 0;
  } finally {
    await page.end();
  }
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
