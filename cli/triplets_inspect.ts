/** `deno task triplets inspect FILE`: what is in a file of triplets, and how good they are. */
import { basename } from "node:path";
import { path, wholeNumber } from "./options.ts";
import { subcommand } from "./subcommand.ts";

/** The command. */
export const inspectCommand = subcommand(
  {
    task: "triplets",
    name: "inspect",
    description: "Says what is in a file of triplets: counts, lengths, repetition, and what words alone retrieve.",
    examples: [
      "deno task triplets inspect triplets.jsonl --clip CLIP",
      "deno task triplets inspect pairs.csv --columns reference=before,conditioning=text,target=after",
      "deno task triplets inspect lasco_train.json --captions captions_train2014.json --json quality.json",
    ],
  },
  (start) =>
    start
      .argument("<file>", "JSON lines, a JSON list or object, CSV, TSV (also as .gz) or Parquet", path())
      .option("--columns <names>", "reference=NAME,conditioning=NAME,target=NAME; @NAME holds ids of images")
      .option(
        "--captions <file>",
        "captions of images, where the file names images; may be given more than once",
        (text: string, files: string[] | undefined) => [...(files ?? []), path()(text)],
      )
      .option(
        "--clip <folder>",
        "the CLIP whose tokenizer counts tokens (default: words and signs are counted)",
        path(),
      )
      .option("--sample <count>", "triplets on which retrieval by words is measured", wholeNumber(1, 50_000), 5000)
      .option("--seed <number>", "seed of the sample", wholeNumber(0), 0)
      .option("--json <file>", "write all that was found as JSON, too", path()),
  async ({ columns, captions, clip, sample, seed, json }, [file], session) => {
    const { checkWritableFile } = await import("../lib/io/check_writable.ts");
    const { inspectTriplets } = await import("../lib/triplets/quality/inspect.ts");
    const { pieceCounter } = await import("../lib/triplets/quality/token_count.ts");
    const { readTriplets } = await import("../lib/triplets/read/read_triplets.ts");
    const { checkInputFiles } = await import("./triplets_inputs.ts");
    const { clipTokenCounter } = await import("./triplets_tokens.ts");
    const { faults } = await import("./faults.ts");
    const found = faults();
    await checkInputFiles(found, { file, columns, captions });
    const tokens = clip ? await found.check(`Reading ${clip}`, () => clipTokenCounter(clip)) : pieceCounter;
    if (json) await found.check(`Writing ${json}`, () => checkWritableFile(json));
    found.throwIfAny("The inspection");
    const reader = readTriplets(file, {
      columns,
      captions,
      signal: session.signal,
      onProgress: (done, total, note) =>
        session.stage(note?.includes("captions") ? "reading captions" : `reading ${basename(file)}`, done, total, note),
    });
    const quality = await inspectTriplets(reader, { tokens, sample, seed, row: reader.row });
    session.stageDone();
    const { readingText } = await import("./triplets_reading_text.ts");
    const { qualityText } = await import("./triplets_quality_text.ts");
    console.log(`${readingText(reader.report())}\n\n${qualityText(quality)}`);
    if (!json) return;
    const { writeAtomically } = await import("../lib/io/atomic_write.ts");
    await writeAtomically(json, JSON.stringify({ reading: reader.report(), quality }, null, 2) + "\n");
    console.log(`\nWritten: ${json}`);
  },
);
