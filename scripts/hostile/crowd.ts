/** Many people at once: each searches, looks at the images, and searches again. */
import { seeded } from "../fuzz/seeded.ts";

/** What a crowd did. */
export interface CrowdReport {
  /** Searches that were answered. */
  searches: number;
  /** Images that were answered. */
  images: number;
  /** Requests that failed, by their reason. */
  errors: Record<string, number>;
  /** Seconds that it took. */
  seconds: number;
  /** Milliseconds of searches, sorted. */
  milliseconds: number[];
}

/** Options of {@linkcode crowd}. */
export interface CrowdOptions {
  /** The page's address, without the last slash. */
  address: string;
  /** People at once. */
  people: number;
  /** Seconds. */
  seconds: number;
  /** Images of the first results that a person looks at after each search. */
  looks: number;
}

const texts = ["is a woman", "is red", "has dark skin tone", "is a pilot", "is at night", "is a cat and not a dog"];

/** Lets people search for some time; nobody waits between two searches. */
export async function crowd({ address, people, seconds, looks }: CrowdOptions): Promise<CrowdReport> {
  const { collection: { key, size } } = await (await fetch(`${address}/api/state`)).json();
  const report: CrowdReport = { searches: 0, images: 0, errors: {}, seconds: 0, milliseconds: [] };
  const started = performance.now(), end = started + 1000 * seconds;
  const failed = (why: string) => void (report.errors[why] = (report.errors[why] ?? 0) + 1);
  await Promise.all(Array.from({ length: people }, async (_, person) => {
    const rng = seeded(person);
    while (performance.now() < end) {
      try {
        const begun = performance.now();
        const response = await fetch(`${address}/api/search`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ image: rng.int(size), text: texts[rng.int(texts.length)] }),
        });
        const { frozen = [] } = await response.json();
        if (response.status !== 200) {
          failed(`search ${response.status}`);
          continue;
        }
        report.milliseconds.push(performance.now() - begun);
        report.searches++;
        for (const { row } of frozen.slice(0, looks)) {
          const image = await fetch(`${address}/images/${key}/${row}`);
          await image.arrayBuffer();
          if (image.status === 200) report.images++;
          else failed(`image ${image.status}`);
        }
      } catch (error) {
        failed(error instanceof Error ? error.message : String(error));
      }
    }
  }));
  report.seconds = (performance.now() - started) / 1000;
  report.milliseconds.sort((a, b) => a - b);
  return report;
}
