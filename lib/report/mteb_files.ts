/**
 * An evaluation in the layout that MTEB reads and writes: relevance judgements as a dataset with the configurations
 * `corpus`, `queries` and `qrels`, and the predictions of each row as `{query: {document: score}}`.
 *
 * Seen with mteb 2.26.24: `RetrievalDatasetLoader` reads the dataset from its folder, and a task's
 * `convert_to_reranking` and evaluator read the predictions.
 */
import type { BenchmarkPart } from "../benchmarks/benchmark.ts";
import type { Evaluation } from "../evaluation/evaluate_benchmark.ts";
import type { RankingResult } from "../evaluation/rank_part.ts";
import { writeAtomically, writeLinesAtomically } from "../io/atomic_write.ts";
import { inFolder, type Path } from "../io/path.ts";
import { rowSlug } from "./row_files.ts";

/** A line of one of the dataset's files. */
type Line = Record<string, string | number | readonly string[]>;

/**
 * Writes an evaluation in MTEB's layout: `README.md`, which names the dataset's configurations, their files below `data/`,
 * and `predictions/ROW/BENCHMARK-SPLIT_predictions.json` for each row. Several parts are MTEB's subsets.
 *
 * A score is the reciprocal of the rank, since results keep the 50 best images and no similarities; figures within the
 * first 50 are those of the whole ranking. A skipped query has no document and counts as missed. Where targets are
 * secret there are no relevance judgements. Where each query has its own gallery, or one of several, that is `top_ranked`.
 *
 * @param folder made if it is missing
 * @param model hash of the weights, which stands as the revision in the predictions
 * @returns the files written
 */
export async function writeMtebFiles(
  folder: Path,
  { data, rows }: Pick<Evaluation, "data" | "rows">,
  model: string,
): Promise<string[]> {
  const { parts, captions } = data, files: string[] = [], configurations: [string, string][] = [];
  const write = async (name: string, text: string) => {
    files.push(inFolder(folder, name));
    await writeAtomically(files.at(-1)!, text);
  };
  for (const part of parts) {
    for (const [kind, lines] of Object.entries(datasetLines(part, captions))) {
      const name = parts.length === 1 ? kind : `${part.part}-${kind}`, file = `data/${name}.jsonl`;
      if (lines.length === 0) continue;
      files.push(inFolder(folder, file));
      // Line by line: i-CIR's lists of galleries do not fit into one text.
      await writeLinesAtomically(files.at(-1)!, lines.values().map((line) => JSON.stringify(line)));
      configurations.push([name, file]);
    }
  }
  await write("README.md", datasetCard(configurations, data));
  for (const { name, results } of rows) {
    const subsets = parts.map(({ part }): [string, unknown] => [
      parts.length === 1 ? "default" : part,
      { [splitOf(data)]: predictionsOf(results.filter((result) => result.part === part)) },
    ]);
    const content = {
      mteb_model_meta: { model_name: `rtd-toolkit/${rowSlug(name)}`, revision: model },
      ...Object.fromEntries(subsets),
    };
    await write(
      `predictions/${rowSlug(name)}/${data.benchmark}-${data.split}_predictions.json`,
      JSON.stringify(content) + "\n",
    );
  }
  return files;
}

/** Returns the split of the parts: the name "all" of GeneCIS' tasks together is a keyword of the loader. */
function splitOf({ parts }: Evaluation["data"]): string {
  return parts[0].split;
}

/** Returns the predictions of results: of each query the documents that it ranks first, with their scores. */
export function predictionsOf(results: readonly RankingResult[]): Record<string, Record<string, number>> {
  return Object.fromEntries(results.map(({ query, top, group }) => {
    // A query that ranks its own gallery alone has no list over all images.
    const ranked = top.length > 0 ? top : group ?? [];
    return [query, Object.fromEntries(ranked.map((id, i) => [id, 1 / (i + 1)]))];
  }));
}

/** Lists the lines of a part's dataset by kind. Images are named by their paths below the benchmark's folder. */
function datasetLines(part: BenchmarkPart, captions: Evaluation["data"]["captions"]): Record<string, Line[]> {
  const { gallery, galleries, images, queries, ownGalleries } = part;
  const ranked = galleries || ownGalleries ? queries : [];
  const document = (id: string) => captions?.get(id)?.[0] ?? images.get(id)!.paths[0];
  return {
    corpus: gallery.map((id) => ({ id, text: document(id) })),
    queries: queries.map(({ id, texts, reference }) => ({
      id,
      text: texts.join("; "),
      reference,
      reference_text: document(reference),
    })),
    qrels: queries.flatMap(({ id, targets }) =>
      targets.map((target) => ({ "query-id": id, "corpus-id": target, score: 1 }))
    ),
    top_ranked: ranked.map(({ id, group = [], gallery }) => ({
      "query-id": id,
      "corpus-ids": galleries?.get(gallery ?? "") ?? group,
    })),
  };
}

/** Makes the card of the dataset, whose head tells a loader which file is which configuration. */
function datasetCard(configurations: readonly [string, string][], data: Evaluation["data"]): string {
  const { benchmark, stamps, captions } = data, split = splitOf(data);
  const configs = configurations.map(([name, file]) =>
    `- config_name: ${JSON.stringify(name)}\n  data_files:\n  - split: ${split}\n    path: ${JSON.stringify(file)}`
  );
  return `---
configs:
${configs.join("\n")}
---

# ${benchmark} ${split}

Queries, gallery and relevance judgements as they were evaluated; \`predictions/\` holds the ranking of each row. The text
of a document is ${
    captions ? "its caption" : "the path of its image"
  }; a score is the reciprocal of a rank, and only the
50 best images are listed, so figures beyond 50 are not those of the whole ranking.
${stamps.map((stamp) => `\n${stamp}\n`).join("")}`;
}
