/**
 * The rows of an evaluation on disk: what decides them, what is read again, and that one evaluation writes at a time.
 */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import denoJson from "../../deno.json" with { type: "json" };
import { useDevice } from "../../lib/backend/device.ts";
import type { BenchmarkData } from "../../lib/evaluation/benchmark_data.ts";
import type { EvaluationRow } from "../../lib/evaluation/evaluation_row.ts";
import { evaluationConfiguration, openRowFiles } from "../../lib/report/row_files.ts";
import * as tf from "../../lib/tensors/tf.ts";

const configuration = { benchmark: "cirr" };
const row: EvaluationRow = {
  name: "text only",
  method: "text only",
  fineTuned: false,
  results: [{ part: "cirr", query: "1", ranks: [2], top: ["a", "b"] }],
  parts: {},
};

async function inTempFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  await work(folder).finally(() => Deno.remove(folder, { recursive: true }));
}

Deno.test("openRowFiles: one evaluation at a time is at work in a folder", () =>
  inTempFolder(async (folder) => {
    {
      using _first = await openRowFiles(folder, { configuration });
      await Deno.writeTextFile(`${folder}/result.json`, "{}");
      for (const resume of [false, true]) {
        await assertRejects(
          () => openRowFiles(folder, { configuration, resume }),
          Error,
          `The evaluation failed: another process is at work on ${folder}/run.json`,
        );
      }
      assert((await Deno.stat(`${folder}/result.json`)).isFile);
    }
    // What is refused lets go of the folder too.
    await assertRejects(
      () => openRowFiles(folder, { configuration: {}, resume: true }),
      Error,
      "was made with benchmark",
    );
    using _second = await openRowFiles(folder, { configuration });
  }));

Deno.test("openRowFiles: a finished row is read again if its file is the one that was written", () =>
  inTempFolder(async (folder) => {
    {
      using rowFiles = await openRowFiles(folder, { configuration });
      await rowFiles.onRow(row, "features");
    }
    {
      using rowFiles = await openRowFiles(folder, { configuration, resume: true });
      assertEquals(await rowFiles.finished("text only", "features"), row.results);
      assertEquals(await rowFiles.finished("constructor", "features"), undefined);
      await assertRejects(
        () => rowFiles.finished("text only", "others"),
        Error,
        "text-only.jsonl was ranked with other features: an image has changed since",
      );
      const file = `${folder}/text-only.jsonl`, text = await Deno.readTextFile(file);
      await Deno.writeTextFile(file, text.replace("[2]", "[1]"));
      await assertRejects(
        () => rowFiles.finished("text only", "features"),
        Error,
        `${file} is not the file that the evaluation wrote, by its hash in ${folder}/run.json; start anew`,
      );
      await Deno.remove(file);
      await assertRejects(() => rowFiles.finished("text only", "features"), Error, `there is no file ${file}`);
    }
    // Version 0.1 wrote names alone.
    await Deno.writeTextFile(`${folder}/run.json`, JSON.stringify({ configuration, finished: ["text only"] }));
    await assertRejects(
      () => openRowFiles(folder, { configuration, resume: true }),
      Error,
      "is no record of an evaluation",
    );
  }));

Deno.test("evaluationConfiguration: the backend and the toolkit's version decide the rows too", async () => {
  await useDevice("wasm");
  const data = { benchmark: "cirr", files: [] } as unknown as BenchmarkData;
  const clip = { identity: "made", preprocessing: {} as never };
  const wasm = await evaluationConfiguration(data, { clip });
  assertEquals([wasm.backend, wasm.toolkit, wasm.clip], ["wasm", denoJson.version, "made"]);
  await tf.setBackend("cpu");
  assertNotEquals(await evaluationConfiguration(data, { clip }), wasm);
  await tf.setBackend("wasm");
});
