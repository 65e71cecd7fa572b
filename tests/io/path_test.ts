import { assertEquals, assertThrows } from "@std/assert";
import { writeAtomically } from "../../lib/io/atomic_write.ts";
import { filePath, inFolder, type Path } from "../../lib/io/path.ts";
import { isFile, isFolder, readTextIfThere } from "../../lib/io/read_file.ts";
import { openSafetensors, writeSafetensors } from "../../lib/io/safetensors.ts";

Deno.test("a path is text or a file URL; folders work with and without their last slash", () => {
  assertEquals(filePath("a b/50% #1"), "a b/50% #1");
  assertEquals(filePath(new URL("file:///a%20b/50%25%20%231")), "/a b/50% #1");
  assertEquals(filePath("file:///a%20b"), "/a b");
  for (const folder of ["/a b", "/a b/", new URL("file:///a%20b"), new URL("file:///a%20b/")]) {
    assertEquals(inFolder(folder, "c#", "d%20.txt"), "/a b/c#/d%20.txt");
  }
});

Deno.test("an address on the network is refused in one sentence", () => {
  const message = "Opening https://example.org/a%20b failed: files must be on disk, download them first.";
  for (const address of ["https://example.org/a%20b", new URL("https://example.org/a%20b")]) {
    assertThrows(() => filePath(address), Error, message);
    assertThrows(() => openSafetensors(address), Error, message);
  }
});

Deno.test("files with a space, # and % in their names are written and read, as text and as URL", async () => {
  const parent = await Deno.makeTempDir(), folder = `${parent}/50% of #1/`;
  const url = new URL("file:///");
  url.pathname = folder.replaceAll("%", "%25").replaceAll("#", "%23");
  const paths: Path[] = [`${folder}x #%.safetensors`, new URL("x%20%23%25.safetensors", url)];
  for (const path of paths) {
    await writeAtomically(path, writeSafetensors({ x: { shape: [1], values: Float32Array.of(1) } }));
    const open = openSafetensors(path);
    assertEquals(open.shapes, { x: [1] });
    open.close();
  }
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["x #%.safetensors"]);
  assertEquals([isFile(paths[1]), isFolder(url), isFile(url), isFolder(folder)], [true, true, false, true]);
  assertEquals([isFile(`${folder}none`), await readTextIfThere(new URL("none", url))], [false, undefined]);
  await Deno.remove(parent, { recursive: true });
});
