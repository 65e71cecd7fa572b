/**
 * `deno task arrows`: the table of imports between the rooms, and the size of their files. Fails on an import that
 * points upward, and on a circle between files. Imports of types count as much as others: a reader follows both.
 */
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

// The rooms from low to high. A room imports itself and lower rooms; rooms of one line do not know each other.
const order = [
  ["io"],
  ["llm", "tensors"],
  ["triplets"],
  ["backend", "hub"],
  ["clip", "training"],
  ["projection"],
  ["rtd"],
  ["benchmarks"],
  ["evaluation", "search"],
  ["report"],
  ["embedded"],
  ["emoji/data", "scenes/data"],
  ["emoji/model", "scenes/model"],
  ["emoji/evaluation", "scenes/evaluation"],
  ["emoji/report", "scenes/report"],
  ["emoji", "scenes"],
  ["serve", "studies"],
  ["cli", "mod.ts"],
];
const rooms = order.flat();

// The embedded worlds: what both need stands in embedded.
const strangers = ["emoji", "scenes"];
const levelOf = (room: string) => order.findIndex((level) => level.includes(room));

/** The room of a file: the longest name in the order that its path below `lib/` begins with. */
function roomOf(file: string): string {
  const path = file.replace(/^lib\//, "");
  const room = rooms.filter((name) => path === name || path.startsWith(`${name}/`))
    .sort((a, b) => b.length - a.length)[0];
  if (room === undefined) throw new Error(`Reading ${file} failed: its room has no line in the order of ${here}.`);
  return room;
}

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`) : name.endsWith(".ts") ? [`${folder}/${name}`] : []
  ).sort();
}

/** The files of ours that a source imports, re-exports or loads when used; what stands in comments does not count. */
function importsOf(file: string, source: string): string[] {
  const code = source.replace(/^\s*\/\*[\s\S]*?\*\//gm, "").replace(/^\s*\/\/.*$/gm, "");
  const found = code.matchAll(
    /^(?:import|export)\b[^;"']*?(?:\bfrom\s*)?["'](\.\.?\/[^"']+\.ts)["']|\bimport\(\s*["'](\.[^"']+)["']/gm,
  );
  return [...new Set([...found].map(([, written, loaded]) => join(dirname(file), written ?? loaded)))];
}

/** One circle of imports as the files that it passes, if there is one among the files. */
function findCircle(imports: Map<string, string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of imports.get(file) ?? []) {
      const circle = visit(next, [...path, file]);
      if (circle) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = visit(file, []);
    if (circle) return circle;
  }
  return undefined;
}

const here = relative(Deno.cwd(), fileURLToPath(import.meta.url));
const files = [...filesBelow("lib"), ...filesBelow("cli"), "mod.ts"];
const sources = new Map(files.map((file) => [file, Deno.readTextFileSync(file)]));
const imports = new Map(files.map((file) => [file, importsOf(file, sources.get(file)!)]));

const counts = new Map<string, number>(), faults: string[] = [];
for (const [file, targets] of imports) {
  const from = roomOf(file);
  for (const target of targets) {
    const to = roomOf(target);
    if (from === to) continue;
    counts.set(`${from} ${to}`, (counts.get(`${from} ${to}`) ?? 0) + 1);
    if (strangers.every((world) => [from, to].some((room) => room.startsWith(world)))) {
      faults.push(`${file} imports ${target}: ${strangers.join(" and ")} do not know each other.`);
    }
    if (levelOf(to) >= levelOf(from)) faults.push(`${file} imports ${target}: ${from} stands below or beside ${to}.`);
  }
}
const circle = findCircle(imports);
if (circle) faults.push(`These files import each other: ${circle.join(" -> ")}.`);

const lines = files.map((file) => sources.get(file)!.trimEnd().split("\n").length).sort((a, b) => a - b);
const columns = rooms.filter((to) => rooms.some((from) => counts.has(`${from} ${to}`)));
console.log(`| imports | ${columns.join(" | ")} |\n| --- |${" ---: |".repeat(columns.length)}`);
for (const from of rooms) {
  console.log(`| ${from} | ${columns.map((to) => counts.get(`${from} ${to}`) ?? "").join(" | ")} |`);
}
console.log(
  `${files.length} files, ${lines.reduce((sum, count) => sum + count, 0)} lines, ` +
    `median ${lines[Math.floor(lines.length / 2)]}, longest ${
      lines.at(-1)
    }; upward arrows and circles: ${faults.length}`,
);
for (const fault of faults) console.error(fault);
Deno.exit(faults.length > 0 ? 1 : 0);
