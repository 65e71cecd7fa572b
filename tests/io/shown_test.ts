import { assertEquals } from "@std/assert";
import { shownName } from "../../lib/io/shown.ts";

Deno.test("shownName: what would begin a line, colour a terminal or turn the writing is written out, the rest stays", () => {
  assertEquals(shownName("new\nline\t\u001b[31m\u202egpj.png"), "new\\u000aline\\u0009\\u001b[31m\\u202egpj.png");
  const name = "ä ü%20#?\"'\\ 🍎 日本.png";
  assertEquals(shownName(name), name);
});
