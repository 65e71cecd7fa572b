/** `deno task bench-tokenize`: COCO's 25,014 captions by our tokenizer and by Hugging Face's fast one, in one run. */
import { command, runCommand } from "../cli/command.ts";
import { path } from "../cli/options.ts";

const tokenize = command("bench-tokenize", "Times CLIP's tokenizer here and in transformers.", [
  "deno task bench-tokenize --clip CLIP",
])
  .requiredOption("--clip <folder>", "a CLIP folder, such as fetch-model prints", path())
  .option(
    "--captions <file>",
    "COCO's annotations (default: ../shared/data/coco-captions-CC-BY-4.0/captions_val2017.json)",
    path(),
  )
  .option("--python <file>", "a Python with transformers (default: .venv/reference/bin/python)", path());

await runCommand(tokenize, async (options) => {
  const { clip, captions = "../shared/data/coco-captions-CC-BY-4.0/captions_val2017.json" } = options;
  const { python = ".venv/reference/bin/python" } = options;
  const { useDevice } = await import("../lib/backend/device.ts");
  const { loadClip } = await import("../lib/clip/files/model_folder.ts");
  const { table } = await import("../lib/report/table.ts");
  await useDevice("wasm");
  const { tokenizer } = await loadClip(clip, { towers: "text" });
  const { annotations } = JSON.parse(await Deno.readTextFile(captions)) as { annotations: { caption: string }[] };
  const texts = annotations.map(({ caption }) => caption.replaceAll("$", ""));
  const started = performance.now();
  for (let from = 0; from < texts.length; from += 256) tokenizer.encode(texts.slice(from, from + 256));
  const ours = (performance.now() - started) / 1000;
  const code = "import json,sys,time;from transformers import AutoTokenizer as A;t=A.from_pretrained(sys.argv[1]);" +
    "x=[r['caption'] for r in json.load(open(sys.argv[2]))['annotations']];s=time.perf_counter();t(x);" +
    "print(time.perf_counter()-s)";
  const { stdout, success } = await new Deno.Command(python, {
    args: ["-c", code, clip, captions],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`Running ${python} failed; see above.`);
  console.log(
    table(["tokenizer", "seconds", "captions a second"], [
      ["here", ours.toFixed(2), Math.round(texts.length / ours).toString()],
      ["transformers, fast", Number(new TextDecoder().decode(stdout)).toFixed(2), ""],
    ]).text(),
  );
});
