import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { checkWritable, checkWritableFile } from "../../lib/io/check_writable.ts";
import { InvalidArgumentError } from "../../cli/commander.ts";
import { faults } from "../../cli/faults.ts";
import { choice, listOf, path, realNumber, wholeNumber } from "../../cli/options.ts";

Deno.test("options: values are read with their type, and refused in words", () => {
  assertEquals([wholeNumber(1)("3"), realNumber(0, 1)("0.5"), realNumber(0)("1e-3")], [3, 0.5, 1e-3]);
  const refused: [() => unknown, string][] = [
    [() => wholeNumber(1)("x"), "is not a whole number of at least 1"],
    [() => wholeNumber(1)(""), "is not a whole number of at least 1"],
    [() => wholeNumber(1)("1.5"), "is not a whole number of at least 1"],
    [() => wholeNumber(0, 9)("10"), "is not a whole number from 0 to 9"],
    [() => realNumber(0, 1)("2"), "is not a number from 0 to 1"],
    [() => realNumber(0)("Infinity"), "is not a number of at least 0"],
    [() => choice(["a", "b"])("c"), "is not one of a, b"],
    [() => listOf("--x <names>", "", ["a", "b"]).parseArg!("a,c", []), 'names "c", which is not one of a, b'],
    [() => path()("--resume"), "is not a path"],
    [() => path()(""), "is not a path"],
  ];
  for (const [read, words] of refused) assertThrows(read, InvalidArgumentError, words);
  assertEquals(path()("/a/../b/"), "/b");
});

Deno.test("faults: all are told at once, errors of the system in words, each once", async () => {
  const found = faults(), folder = await Deno.makeTempDir();
  found.throwIfAny("Nothing");
  assertEquals(await found.check("Adding", () => 2), 2);
  assertEquals(await found.check(`Reading ${folder}`, () => Deno.readFile(folder)), undefined);
  await found.check(`Reading ${folder}/a`, () => Deno.readFile(`${folder}/a`));
  for (let i = 0; i < 2; i++) await found.check("Opening", () => Promise.reject(new Error("Opening failed: closed.")));
  const error = assertThrows(() => found.throwIfAny("The work"), AggregateError);
  assertEquals(
    error.message,
    "The work failed before it began, for 3 reasons:\n" +
      `  - Reading ${folder} failed: is a directory.\n  - Reading ${folder}/a failed: there is no such file or folder.\n` +
      "  - Opening failed: closed.",
  );
  await Deno.remove(folder);
});

Deno.test("checkWritable: says what cannot be written, and leaves nothing behind", async () => {
  const folder = await Deno.makeTempDir();
  await checkWritable(`${folder}/a/b`);
  await checkWritableFile(`${folder}/c/d.json`);
  await Deno.writeTextFile(`${folder}/file`, "");
  await assertRejects(
    () => checkWritable(`${folder}/file/inside`),
    Error,
    `Writing into the folder ${folder}/file/inside failed: Not a directory; name another.`,
  );
  await assertRejects(() => checkWritableFile(folder), Error, `Writing ${folder} failed: it is a folder; name a file.`);
  await Deno.mkdir(`${folder}/locked`, { mode: 0o500 });
  // The superuser may write everywhere but where the system itself refuses.
  const refusing = Deno.uid() === 0 ? "/proc/nothing" : `${folder}/locked/inside`;
  await assertRejects(() => checkWritable(refusing), Error, `Writing into the folder ${refusing} failed:`);
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["file", "locked"]);
  assert((await Deno.stat(`${folder}/locked`)).isDirectory);
  await Deno.remove(folder, { recursive: true });
});
