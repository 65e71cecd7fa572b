/** `deno task bench-tokenize`: COCO's 25,014 captions by our tokenizer and by Hugging Face's fast one, in one run. */
import { loadClip } from "../lib/clip/files/model_folder.ts";
import { table } from "../lib/report/table.ts";
import { useDevice } from "../lib/backend/device.ts";
import { fail, readOptions, toFileUrl } from "../cli/options.ts";

try {
  const options = readOptions("bench-tokenize", {
    clip: { help: "a CLIP folder, such as fetch-model prints" },
    captions: { default: "../shared/data/coco-captions-CC-BY-4.0/captions_val2017.json", help: "COCO's annotations" },
    python: { default: ".venv/reference/bin/python", help: "a Python with transformers" },
  });
  if (!options.clip) throw new Error("Say which CLIP folder: --clip FOLDER.");
  await useDevice("wasm");
  const { tokenizer } = await loadClip(toFileUrl(options.clip), "text");
  const { annotations } = JSON.parse(await Deno.readTextFile(options.captions!)) as {
    annotations: { caption: string }[];
  };
  const texts = annotations.map(({ caption }) => caption.replaceAll("$", ""));
  const started = performance.now();
  for (let from = 0; from < texts.length; from += 256) tokenizer.encode(texts.slice(from, from + 256));
  const ours = (performance.now() - started) / 1000;
  const code = "import json,sys,time;from transformers import AutoTokenizer as A;t=A.from_pretrained(sys.argv[1]);" +
    "x=[r['caption'] for r in json.load(open(sys.argv[2]))['annotations']];s=time.perf_counter();t(x);" +
    "print(time.perf_counter()-s)";
  const { stdout, success } = await new Deno.Command(options.python!, {
    args: ["-c", code, options.clip, options.captions!],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`Running ${options.python} failed; see above.`);
  console.log(
    table(["tokenizer", "seconds", "captions a second"], [
      ["here", ours.toFixed(2), Math.round(texts.length / ours).toString()],
      ["transformers, fast", Number(new TextDecoder().decode(stdout)).toFixed(2), ""],
    ]).text(),
  );
} catch (error) {
  fail(error);
}
